# Finds zstd by its own CMake package, by pkg-config or by looking for it, and gives the target zstd::zstd.

# zstd's own package has a target for each kind of library, and only a newer one names the one to be used.
if(NOT TARGET zstd::zstd)
    find_package(zstd CONFIG QUIET)
    foreach(zstd_library IN ITEMS zstd::libzstd zstd::libzstd_shared zstd::libzstd_static)
        if(TARGET ${zstd_library} AND NOT TARGET zstd::zstd)
            add_library(zstd::zstd INTERFACE IMPORTED)
            set_target_properties(zstd::zstd PROPERTIES INTERFACE_LINK_LIBRARIES ${zstd_library})
        endif()
    endforeach()
endif()
if(TARGET zstd::zstd)
    set(zstd_FOUND TRUE)
    return()
endif()

find_package(PkgConfig QUIET)
if(PkgConfig_FOUND)
    pkg_check_modules(zstd_pc QUIET libzstd)
endif()
find_path(zstd_INCLUDE_DIR zstd.h HINTS ${zstd_pc_INCLUDE_DIRS})
find_library(zstd_LIBRARY zstd HINTS ${zstd_pc_LIBRARY_DIRS})
mark_as_advanced(zstd_INCLUDE_DIR zstd_LIBRARY)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(zstd REQUIRED_VARS zstd_LIBRARY zstd_INCLUDE_DIR VERSION_VAR zstd_pc_VERSION)
if(zstd_FOUND)
    add_library(zstd::zstd UNKNOWN IMPORTED)
    set_target_properties(zstd::zstd PROPERTIES
        IMPORTED_LOCATION "${zstd_LIBRARY}" INTERFACE_INCLUDE_DIRECTORIES "${zstd_INCLUDE_DIR}")
endif()
