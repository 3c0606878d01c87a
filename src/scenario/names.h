// Word lists of the made-up world. All names are invented; addresses are of the documentation ranges.
#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace huntbook::scenario {

std::span<const std::string_view> first_names();
std::span<const std::string_view> last_names();

struct Department {
  std::string_view name, title, share;
};
std::span<const Department> departments();

struct City {
  std::string_view name, state, country, latitude, longitude;
};
std::span<const City> cities();

/// A site on the internet: name, address and whether it still speaks plain HTTP.
struct Site {
  std::string_view domain, address;
  bool plain;
};
std::span<const Site> sites();

/// What Sysmon says about an image, looked up by the file's name.
struct ImageFacts {
  std::string_view file, description, product, company, version;
};
const ImageFacts& image_facts(std::string_view image);

struct OfficeProgram {
  std::string_view image, command, extension;
  uint32_t weight;
};
std::span<const OfficeProgram> office_programs();
std::span<const std::string_view> document_names();

}  // namespace huntbook::scenario
