# Build helpers: one function per kind of target, the same flags for all.

find_program(HUNTBOOK_CCACHE ccache)
if(HUNTBOOK_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${HUNTBOOK_CCACHE}")
endif()
find_program(HUNTBOOK_MOLD mold)
if(HUNTBOOK_MOLD)
  add_link_options(-fuse-ld=mold)
endif()

add_compile_options(-Wall -Wextra -Wshadow -Wnon-virtual-dtor -Wno-missing-field-initializers)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  add_compile_options(-Wno-restrict)  # g++ 12 warns of its own operator+ for strings
endif()
if(HUNTBOOK_SANITIZE)
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
elseif(CMAKE_BUILD_TYPE STREQUAL "Release" OR CMAKE_BUILD_TYPE STREQUAL "RelWithDebInfo")
  add_compile_options(-D_FORTIFY_SOURCE=2 -fstack-protector-strong -fstack-clash-protection -fcf-protection)
  add_link_options(-Wl,-z,relro,-z,now,-z,noexecstack)
endif()
if(HUNTBOOK_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

# huntbook_module(kql SOURCES a.cc b.cc DEPENDS base table LIBRARIES re2 TESTS a_test.cc)
# A static library huntbook_<name>; TESTS become one GoogleTest program <name>_test.
function(huntbook_module name)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPENDS;LIBRARIES;TESTS" ${ARGN})
  add_library(huntbook_${name} STATIC ${arg_SOURCES})
  target_include_directories(huntbook_${name} PUBLIC "${PROJECT_SOURCE_DIR}/include" "${PROJECT_SOURCE_DIR}/src")
  foreach(module ${arg_DEPENDS})
    target_link_libraries(huntbook_${name} PUBLIC huntbook_${module})
  endforeach()
  target_link_libraries(huntbook_${name} PUBLIC ${arg_LIBRARIES})
  if(HUNTBOOK_TESTS AND arg_TESTS)
    huntbook_test(${name}_test SOURCES ${arg_TESTS} LIBRARIES huntbook_${name})
  endif()
endfunction()

# huntbook_test(x_test SOURCES x_test.cc LIBRARIES huntbook_x): a GoogleTest program that ctest runs.
function(huntbook_test name)
  cmake_parse_arguments(arg "" "" "SOURCES;LIBRARIES" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE ${arg_LIBRARIES} GTest::gtest_main)
  target_compile_definitions(${name} PRIVATE HB_SOURCE_DIR="${PROJECT_SOURCE_DIR}"
                                             HB_SHARED_DIR="${PROJECT_SOURCE_DIR}/../shared")
  add_test(NAME ${name} COMMAND ${name})
endfunction()

# huntbook_fuzzer(json_fuzz SOURCES json_fuzz.cc LIBRARIES huntbook_evidence): a libFuzzer program.
function(huntbook_fuzzer name)
  cmake_parse_arguments(arg "" "" "SOURCES;LIBRARIES" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE ${arg_LIBRARIES})
  target_link_options(${name} PRIVATE -fsanitize=fuzzer)
endfunction()

# huntbook_embed(target NAME symbol FILES a.html b.js): the files' bytes as
# `std::string_view symbol(std::string_view file_name)`, declared in "<symbol>.h" of the build folder.
function(huntbook_embed target)
  cmake_parse_arguments(arg "" "NAME;BASE" "FILES" ${ARGN})
  set(out "${CMAKE_CURRENT_BINARY_DIR}/embedded")
  if(NOT arg_BASE)
    set(arg_BASE "${CMAKE_CURRENT_SOURCE_DIR}")
  endif()
  add_custom_command(
    OUTPUT "${out}/${arg_NAME}.cc" "${out}/${arg_NAME}.h"
    COMMAND python3 "${PROJECT_SOURCE_DIR}/tools/embed.py" "${out}" ${arg_NAME} "${arg_BASE}" ${arg_FILES}
    DEPENDS ${arg_FILES} "${PROJECT_SOURCE_DIR}/tools/embed.py"
    COMMENT "embedding ${arg_NAME}")
  target_sources(${target} PRIVATE "${out}/${arg_NAME}.cc")
  target_include_directories(${target} PRIVATE "${out}")
endfunction()

# huntbook_use_places(session_test): the test finds a small database of addresses in HUNTBOOK_GEOIP.
function(huntbook_use_places test)
  set(places "${CMAKE_BINARY_DIR}/places.mmdb")
  if(NOT TARGET huntbook_places)
    add_custom_command(
      OUTPUT "${places}"
      COMMAND python3 "${PROJECT_SOURCE_DIR}/tests/data/make_places.py" "${places}"
      DEPENDS "${PROJECT_SOURCE_DIR}/tests/data/make_places.py"
      COMMENT "writing a database of addresses for tests")
    add_custom_target(huntbook_places DEPENDS "${places}")
  endif()
  if(TARGET ${test})
    add_dependencies(${test} huntbook_places)
  endif()
  set_tests_properties(${test} PROPERTIES ENVIRONMENT "HUNTBOOK_GEOIP=${places}")
endfunction()
