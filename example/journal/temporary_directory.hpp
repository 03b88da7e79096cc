#pragma once

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>

/// A new directory in TMPDIR, removed with all that is in it when this is destroyed, unless it is to be kept.
class temporary_directory {
public:
    /// Throws std::system_error.
    temporary_directory() : path_((std::filesystem::temp_directory_path() / "tusk-journal-XXXXXX").string()) {
        if (::mkdtemp(path_.data()) == nullptr)
            throw std::system_error(errno, std::system_category(), path_);
    }
    temporary_directory(const temporary_directory&) = delete;
    temporary_directory& operator=(const temporary_directory&) = delete;
    ~temporary_directory() {
        std::error_code ignored; // there is nobody to tell
        if (!kept_)
            std::filesystem::remove_all(path_, ignored);
    }

    [[nodiscard]] const std::string& path() const noexcept { return path_; }
    void keep() noexcept { kept_ = true; }

private:
    std::string path_;
    bool kept_ = false;
};
