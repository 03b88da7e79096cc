# Finds lz4 by its own CMake package, by pkg-config or by looking for it, and gives the target lz4::lz4.

if(NOT TARGET lz4::lz4)
    find_package(lz4 CONFIG QUIET)
endif()
if(TARGET lz4::lz4)
    set(lz4_FOUND TRUE)
    return()
endif()

find_package(PkgConfig QUIET)
if(PkgConfig_FOUND)
    pkg_check_modules(lz4_pc QUIET liblz4)
endif()
find_path(lz4_INCLUDE_DIR lz4.h HINTS ${lz4_pc_INCLUDE_DIRS})
find_library(lz4_LIBRARY lz4 HINTS ${lz4_pc_LIBRARY_DIRS})
mark_as_advanced(lz4_INCLUDE_DIR lz4_LIBRARY)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(lz4 REQUIRED_VARS lz4_LIBRARY lz4_INCLUDE_DIR VERSION_VAR lz4_pc_VERSION)
if(lz4_FOUND)
    add_library(lz4::lz4 UNKNOWN IMPORTED)
    set_target_properties(lz4::lz4 PROPERTIES
        IMPORTED_LOCATION "${lz4_LIBRARY}" INTERFACE_INCLUDE_DIRECTORIES "${lz4_INCLUDE_DIR}")
endif()
