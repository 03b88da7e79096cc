from conan import ConanFile
from conan.tools.system.package_manager import Apt


class Liburing(ConanFile):
    """Stands for the library that Debian's package has installed."""

    name = "liburing"
    settings = "os", "arch", "compiler", "build_type"
    package_type = "shared-library"

    def package_id(self):
        self.info.clear()

    def system_requirements(self):
        Apt(self).install(["liburing-dev"])

    def package_info(self):
        self.cpp_info.set_property("cmake_target_name", "liburing::liburing")
        self.cpp_info.set_property("pkg_config_name", "liburing")
        self.cpp_info.includedirs = self.cpp_info.libdirs = self.cpp_info.bindirs = []
        self.cpp_info.system_libs = ["uring"]
