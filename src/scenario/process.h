// Processes on Windows hosts: starting one writes Security 4688 and Sysmon 1, and later 4689 and 5, all of
// them agreeing.
#pragma once
#include <string>
#include <string_view>

#include "scenario/world.h"

namespace huntbook::scenario {

struct StartSpec {
  uint32_t host = 0;
  const Process* parent = nullptr;
  std::string_view image;
  std::string_view command;
  const Identity* who = nullptr;
  uint64_t logon_id = 0x3e7;
  Micros lifetime = 0;  ///< 0: runs until the end of the scenario
  std::string_view integrity = "Medium";
  std::string_view folder = "C:\\Windows\\system32\\";
  uint64_t hash_salt = 0;  ///< for images that are no well-known program
};

Process start_process(World& world, Micros t, const StartSpec& spec);

/// The hashes of an image as Sysmon prints them: "SHA1=...,MD5=...,SHA256=...,IMPHASH=...". Invented, but the
/// same image and salt always give the same.
std::string image_hashes(std::string_view image, uint64_t salt = 0);
std::string image_sha256(std::string_view image, uint64_t salt = 0);

/// The path in double quotes.
std::string in_quotes(std::string_view path);
/// C:\Users\<name>\...
std::string profile_path(const Identity& who, std::string_view rest);

}  // namespace huntbook::scenario
