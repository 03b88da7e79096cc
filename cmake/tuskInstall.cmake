# Installs the headers, the CMake package and the pkg-config files.

include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

# Nothing in the package depends on the machine, so it goes where such things go.
set(tusk_cmake_dir "${CMAKE_INSTALL_DATADIR}/cmake/tusk")
set(tusk_pkgconfig_dir "${CMAKE_INSTALL_DATADIR}/pkgconfig")

install(DIRECTORY include/tusk DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}" FILES_MATCHING PATTERN "*.hpp" PATTERN "*.proto")
install(FILES LICENSE DESTINATION "${CMAKE_INSTALL_DATADIR}/licenses/tusk")

# One export for each target: a package that is asked for tusk alone must not look for lz4.
foreach(target IN ITEMS tusk ${tusk_features})
    if(target STREQUAL "tusk")
        set(library tusk)
    else()
        set(library tusk_${target})
    endif()
    install(TARGETS ${library} EXPORT tusk-${target} INCLUDES DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
    install(EXPORT tusk-${target} NAMESPACE tusk:: DESTINATION "${tusk_cmake_dir}" FILE tuskTarget-${target}.cmake)
endforeach()

configure_package_config_file(cmake/tuskConfig.cmake.in "${CMAKE_CURRENT_BINARY_DIR}/tuskConfig.cmake"
    INSTALL_DESTINATION "${tusk_cmake_dir}" NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file("${CMAKE_CURRENT_BINARY_DIR}/tuskConfigVersion.cmake"
    COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)
file(GLOB tusk_find_modules cmake/Find*.cmake)
install(FILES "${CMAKE_CURRENT_BINARY_DIR}/tuskConfig.cmake" "${CMAKE_CURRENT_BINARY_DIR}/tuskConfigVersion.cmake"
    cmake/tuskFeatures.cmake ${tusk_find_modules} DESTINATION "${tusk_cmake_dir}")

# pkg-config: tusk, and tusk-<feature> for each feature.
cmake_path(RELATIVE_PATH CMAKE_INSTALL_PREFIX BASE_DIRECTORY "${CMAKE_INSTALL_PREFIX}/${tusk_pkgconfig_dir}"
    OUTPUT_VARIABLE tusk_pc_prefix)
configure_file(cmake/tusk.pc.in "${CMAKE_CURRENT_BINARY_DIR}/tusk.pc" @ONLY)
install(FILES "${CMAKE_CURRENT_BINARY_DIR}/tusk.pc" DESTINATION "${tusk_pkgconfig_dir}")
foreach(feature IN LISTS tusk_features)
    set(tusk_pc_library ${tusk_${feature}_pkg_config})
    configure_file(cmake/tusk-feature.pc.in "${CMAKE_CURRENT_BINARY_DIR}/tusk-${feature}.pc" @ONLY)
    install(FILES "${CMAKE_CURRENT_BINARY_DIR}/tusk-${feature}.pc" DESTINATION "${tusk_pkgconfig_dir}")
endforeach()
