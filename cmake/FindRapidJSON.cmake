# Finds the headers of RapidJSON by its own CMake package or by looking for them, and gives the target rapidjson.

if(NOT TARGET rapidjson)
    find_package(RapidJSON CONFIG QUIET)
endif()
if(TARGET rapidjson)
    set(RapidJSON_FOUND TRUE)
    return()
endif()

# The package of its releases, which is Debian's too, has a variable and no target.
find_path(RapidJSON_INCLUDE_DIR rapidjson/rapidjson.h HINTS ${RAPIDJSON_INCLUDE_DIRS} ${RapidJSON_INCLUDE_DIRS})
mark_as_advanced(RapidJSON_INCLUDE_DIR)
if(RapidJSON_INCLUDE_DIR)
    file(STRINGS "${RapidJSON_INCLUDE_DIR}/rapidjson/rapidjson.h" RapidJSON_VERSION REGEX "define RAPIDJSON_[A-Z]+_VERSION [0-9]")
    string(REGEX REPLACE "[^0-9;]" "" RapidJSON_VERSION "${RapidJSON_VERSION}")
    list(JOIN RapidJSON_VERSION "." RapidJSON_VERSION)
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(RapidJSON REQUIRED_VARS RapidJSON_INCLUDE_DIR VERSION_VAR RapidJSON_VERSION)
if(RapidJSON_FOUND)
    add_library(rapidjson INTERFACE IMPORTED)
    set_target_properties(rapidjson PROPERTIES INTERFACE_INCLUDE_DIRECTORIES "${RapidJSON_INCLUDE_DIR}")
endif()
