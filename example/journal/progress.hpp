#pragma once

#include <cstdint>
#include <string_view>

/// Shows on stdout how far something is: with a bar that moves where that is a terminal, with plain lines elsewhere.
class progress {
public:
    /// `total` is what at() will reach.
    explicit progress(std::uint64_t total) noexcept;
    progress(const progress&) = delete;
    progress& operator=(const progress&) = delete;
    /// Takes the bar away.
    ~progress();

    /// So much is done. Costs next to nothing if that does not show.
    void at(std::uint64_t done);
    /// Prints a line above the bar.
    void say(std::string_view line);

private:
    void hide();

    const std::uint64_t total_;
    const bool on_terminal_;
    std::uint64_t shown_ = 0; ///< how many steps of the bar, or quarters
    bool visible_ = false;
};
