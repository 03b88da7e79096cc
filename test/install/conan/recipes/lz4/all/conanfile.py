from conan import ConanFile
from conan.tools.system.package_manager import Apt


class Lz4(ConanFile):
    """Stands for the library that Debian's package has installed."""

    name = "lz4"
    settings = "os", "arch", "compiler", "build_type"
    package_type = "shared-library"

    def package_id(self):
        self.info.clear()

    def system_requirements(self):
        Apt(self).install(["liblz4-dev"])

    def package_info(self):
        self.cpp_info.set_property("cmake_target_name", "lz4::lz4")
        self.cpp_info.set_property("pkg_config_name", "liblz4")
        self.cpp_info.includedirs = self.cpp_info.libdirs = self.cpp_info.bindirs = []
        self.cpp_info.system_libs = ["lz4"]
