#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

/// A file's bytes as they were when it was read, and its lines. Each line keeps its newline, which only the last may
/// lack: one behind the other, the lines are the file.
class text_lines {
public:
    /// Reads a whole regular file. Throws `failure` if there is none, or if it cannot be read.
    explicit text_lines(const std::filesystem::path& file);
    text_lines(const text_lines&) = delete;
    text_lines& operator=(const text_lines&) = delete;
    ~text_lines() = default;

    /// How many lines there are.
    [[nodiscard]] std::size_t count() const noexcept { return lines_.size(); }
    /// A line by its number, from 1 to count().
    [[nodiscard]] std::string_view line(std::size_t number) const { return lines_.at(number - 1); }
    /// The bytes of the longest line.
    [[nodiscard]] std::size_t longest() const noexcept;
    /// All bytes.
    [[nodiscard]] const std::string& bytes() const noexcept { return bytes_; }

private:
    std::string bytes_;
    std::vector<std::string_view> lines_;
};

/// What is journalled if no file is named: of those that most Debian machines have, the first with at least 2000 lines;
/// if none has so many, the one with the most.
[[nodiscard]] std::filesystem::path default_file();
