# Finds liburing by its own CMake package, by pkg-config or by looking for it, and gives the target liburing::liburing.

if(NOT TARGET liburing::liburing)
    find_package(liburing CONFIG QUIET)
endif()
if(TARGET liburing::liburing)
    set(liburing_FOUND TRUE)
    return()
endif()

find_package(PkgConfig QUIET)
if(PkgConfig_FOUND)
    pkg_check_modules(liburing_pc QUIET liburing)
endif()
find_path(liburing_INCLUDE_DIR liburing.h HINTS ${liburing_pc_INCLUDE_DIRS})
find_library(liburing_LIBRARY uring HINTS ${liburing_pc_LIBRARY_DIRS})
mark_as_advanced(liburing_INCLUDE_DIR liburing_LIBRARY)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(liburing REQUIRED_VARS liburing_LIBRARY liburing_INCLUDE_DIR VERSION_VAR liburing_pc_VERSION)
if(liburing_FOUND)
    add_library(liburing::liburing UNKNOWN IMPORTED)
    set_target_properties(liburing::liburing PROPERTIES
        IMPORTED_LOCATION "${liburing_LIBRARY}" INTERFACE_INCLUDE_DIRECTORIES "${liburing_INCLUDE_DIR}")
endif()
