// The main() of a fuzz target where there is no fuzzer: goes through the files and folders that it is given.

#include <fuzz/input.hpp>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

void replay(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    // A copy of exactly that size, for a sanitizer to see who reads beyond it.
    const std::vector<std::uint8_t> bytes(text.begin(), text.end());
    std::fprintf(stderr, "%s: %zu bytes\n", file.c_str(), bytes.size());
    (void)LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
}

} // namespace

int main(int argc, char** argv) {
    std::size_t files = 0;
    for (int i = 1; i < argc; ++i) {
        if (!fs::is_directory(argv[i])) {
            replay(argv[i]);
            ++files;
            continue;
        }
        for (const auto& file : fs::directory_iterator(argv[i])) {
            replay(file.path());
            ++files;
        }
    }
    std::printf("%zu inputs, nothing found\n", files);
    return files > 0 ? 0 : 1;
}
