# SPDX-License-Identifier: BSL-1.0
# What `cmake --install` writes: the headers, and a package that find_package(espalier) finds.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(package_dir "${CMAKE_INSTALL_DATADIR}/cmake/espalier")
install(DIRECTORY "${PROJECT_SOURCE_DIR}/include/espalier" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
install(TARGETS espalier EXPORT espalier_targets INCLUDES DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
install(EXPORT espalier_targets NAMESPACE espalier:: FILE espalier_targets.cmake DESTINATION "${package_dir}")

# The product that this build chose, so that a consumer gets the same arithmetic unless it asks for another.
if(ESPALIER_PRODUCT_FOUND MATCHES "^oneDNN")
    set(installed_product onednn)
elseif(ESPALIER_PRODUCT_FOUND MATCHES "^CBLAS")
    set(installed_product cblas)
else()
    set(installed_product builtin)
endif()
configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/espalierConfig.cmake.in" "${PROJECT_BINARY_DIR}/espalierConfig.cmake"
                              INSTALL_DESTINATION "${package_dir}")
write_basic_package_version_file("${PROJECT_BINARY_DIR}/espalierConfigVersion.cmake"
                                 COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)
install(FILES "${PROJECT_BINARY_DIR}/espalierConfig.cmake" "${PROJECT_BINARY_DIR}/espalierConfigVersion.cmake"
              "${PROJECT_SOURCE_DIR}/cmake/espalier_dependencies.cmake" DESTINATION "${package_dir}")
install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" DESTINATION "${CMAKE_INSTALL_DOCDIR}")
