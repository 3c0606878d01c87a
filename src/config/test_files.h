// A temporary folder with settings files, and an environment of the test's own.
#pragma once
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>

#include "config/settings.h"

namespace huntbook {

class TestFiles {
 public:
  TestFiles() {
    std::string name = (std::filesystem::temp_directory_path() / "huntbook-config-XXXXXX").string();
    root_ = mkdtemp(name.data()) ? name : "";
    variables["HOME"] = root_ + "/home";
    std::filesystem::create_directories(root_ + "/home");
  }
  ~TestFiles() { std::filesystem::remove_all(root_); }
  TestFiles(const TestFiles&) = delete;
  TestFiles& operator=(const TestFiles&) = delete;

  /// Writes a file below the folder and gives its path.
  std::string write(const std::string& name, const std::string& text, mode_t mode = 0600) {
    const std::string path = root_ + "/" + name;
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    std::ofstream(path) << text;
    chmod(path.c_str(), mode);
    return path;
  }
  std::string user(const std::string& text, mode_t mode = 0600) {
    return write("home/.config/huntbook/huntbook.yaml", text, mode);
  }
  std::string project(const std::string& text) { return write("case/huntbook.yaml", text, 0644); }
  std::string path(const std::string& name) const { return root_ + "/" + name; }
  Environment environment() const {
    return [this](const std::string& name) -> std::optional<std::string> {
      auto it = variables.find(name);
      if (it == variables.end()) return std::nullopt;
      return it->second;
    };
  }
  Settings load(const std::string& file = {}, bool trust = false) const {
    std::filesystem::create_directories(root_ + "/case/deep/er");
    return load_settings({file, root_ + "/case/deep/er", trust, environment()});
  }
  /// "place code message (hint)" a line, the folder as @.
  std::string problems(const Diagnostics& problems) const {
    std::string out;
    for (const auto& problem : problems) {
      out += problem.place + " " + problem.code + " " + problem.message;
      out += problem.hint.empty() ? "\n" : " (" + problem.hint + ")\n";
    }
    return shorten(out);
  }
  std::string shown(const Settings& settings) const {
    std::string out;
    for (const auto& entry : settings.entries)
      out += entry.key + " = " + entry.value + " @ " + entry.place.text() + "\n";
    return shorten(out);
  }
  std::string shorten(std::string text) const {
    for (size_t at = text.find(root_); at != std::string::npos; at = text.find(root_, at))
      text.replace(at, root_.size(), "@");
    return text;
  }

  std::map<std::string, std::string> variables;

 private:
  std::string root_;
};

}  // namespace huntbook
