from conan import ConanFile
from conan.tools.system.package_manager import Apt


class Boost(ConanFile):
    """Stands for the headers that Debian's package has installed."""

    name = "boost"
    settings = "os", "arch", "compiler", "build_type"
    package_type = "header-library"

    def package_id(self):
        self.info.clear()

    def system_requirements(self):
        Apt(self).install(["libboost1.81-dev"])

    def package_info(self):
        headers = self.cpp_info.components["headers"]
        headers.set_property("cmake_target_name", "Boost::headers")
        headers.includedirs = headers.libdirs = headers.bindirs = []
