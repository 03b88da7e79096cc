#pragma once

#include <tusk/core/bytes.hpp>

#include <cstddef>
#include <random>
#include <string>
#include <vector>

namespace bench {

/// What records hold: a Format or a codec may be quick with one and slow with the other.
enum class content : unsigned char {
    words,     ///< lower-case words and spaces: stands in JSON as it is, and shrinks
    documents, ///< JSON, in which every name and text has quotes around it
    noise,     ///< random bytes: no text, and nothing makes them smaller
};

[[nodiscard]] inline const char* name_of(content what) noexcept {
    return what == content::words ? "words" : what == content::documents ? "documents" : "noise";
}

/// Records of one size that differ from each other, so that no processor learns one by heart: as many as stay in its
/// second cache together with what is made of them.
class samples {
public:
    samples(content what, std::size_t size) : what_(what) {
        const std::size_t count = size >= 8192 ? 16 : 64;
        std::mt19937_64 random(size);
        std::vector<std::string> words(300);
        for (std::string& word : words)
            for (std::size_t left = 2 + random() % 8; left > 0; --left)
                word += static_cast<char>('a' + random() % 26);
        const auto word = [&] { return words[std::min(random() % words.size(), random() % words.size())]; };
        for (std::size_t i = 0; i < count; ++i) {
            std::string text;
            while (text.size() < size)
                if (what == content::words)
                    text += word() + ' ';
                else if (what == content::documents)
                    text += R"({"id":)" + std::to_string(random() % 1'000'000) + R"(,"name":")" + word() +
                            R"(","of":[")" + word() + R"(",")" + word() + R"("]},)";
                else
                    text += static_cast<char>(random());
            text.resize(size);
            all_.push_back(std::move(text));
        }
    }

    [[nodiscard]] content what() const noexcept { return what_; }
    [[nodiscard]] std::size_t count() const noexcept { return all_.size(); }
    [[nodiscard]] std::size_t size() const noexcept { return all_.front().size(); }
    [[nodiscard]] tusk::byte_view operator[](std::size_t i) const noexcept { return tusk::to_bytes(all_[i]); }

private:
    content what_;
    std::vector<std::string> all_;
};

} // namespace bench
