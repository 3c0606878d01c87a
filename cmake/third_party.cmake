# Third-party parts as imported targets; each is linked only by the module that may use it.
find_package(fmt REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
pkg_check_modules(simdjson REQUIRED IMPORTED_TARGET simdjson)
pkg_check_modules(re2 REQUIRED IMPORTED_TARGET re2)
pkg_check_modules(icu REQUIRED IMPORTED_TARGET icu-uc icu-i18n)
pkg_check_modules(yamlcpp REQUIRED IMPORTED_TARGET yaml-cpp)
pkg_check_modules(archive REQUIRED IMPORTED_TARGET libarchive)
pkg_check_modules(crypto REQUIRED IMPORTED_TARGET libcrypto)
pkg_check_modules(zlib REQUIRED IMPORTED_TARGET zlib)
pkg_check_modules(xxhash REQUIRED IMPORTED_TARGET libxxhash)
pkg_check_modules(curl REQUIRED IMPORTED_TARGET libcurl)
pkg_check_modules(maxminddb REQUIRED IMPORTED_TARGET libmaxminddb)
pkg_check_modules(pugixml REQUIRED IMPORTED_TARGET pugixml)
find_path(HUNTBOOK_BOOST_INCLUDE boost/multiprecision/cpp_dec_float.hpp REQUIRED)
find_library(HUNTBOOK_S2 s2 REQUIRED)
find_path(HUNTBOOK_S2_INCLUDE s2/s2polygon.h REQUIRED)
add_library(s2 SHARED IMPORTED)
set_target_properties(s2 PROPERTIES
  IMPORTED_LOCATION "${HUNTBOOK_S2}" INTERFACE_INCLUDE_DIRECTORIES "${HUNTBOOK_S2_INCLUDE}")
if(HUNTBOOK_TESTS)
  find_package(GTest REQUIRED)
endif()

add_library(duckdb SHARED IMPORTED)
set_target_properties(duckdb PROPERTIES
  IMPORTED_LOCATION "${HUNTBOOK_DEPS}/duckdb-node-bindings-linux-x64/libduckdb.so"
  INTERFACE_INCLUDE_DIRECTORIES "${HUNTBOOK_DEPS}/duckdb/src/duckdb/src/include")
