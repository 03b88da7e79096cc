#pragma once

#include <tusk/backend/system_code.hpp>
#include <tusk/concept/backend.hpp>

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>

namespace damage {

using file_bytes = std::vector<std::byte>;

/// A directory and what is in its files, to be copied and damaged as a value. A log of a few KiB costs a microsecond.
class image {
public:
    using files = std::map<std::string, std::shared_ptr<file_bytes>, std::less<>>;

    image() = default;
    image(image&&) noexcept = default;
    image& operator=(image&&) noexcept = default;
    image(const image& other) { *this = other; }
    image& operator=(const image& other) {
        if (this == &other)
            return *this;
        files_.clear();
        for (const auto& [name, bytes] : other.files_)
            files_.emplace_hint(files_.end(), name, std::make_shared<file_bytes>(*bytes));
        return *this;
    }
    ~image() = default;

    [[nodiscard]] files& all() noexcept { return files_; }
    [[nodiscard]] const files& all() const noexcept { return files_; }
    [[nodiscard]] file_bytes& operator[](const std::string& name) { return *files_.at(name); }
    [[nodiscard]] const file_bytes& operator[](const std::string& name) const { return *files_.at(name); }
    [[nodiscard]] bool has(const std::string& name) const { return files_.contains(name); }

    friend bool operator==(const image& a, const image& b) {
        return std::equal(a.files_.begin(), a.files_.end(), b.files_.begin(), b.files_.end(),
                          [](const auto& x, const auto& y) { return x.first == y.first && *x.second == *y.second; });
    }

private:
    files files_;
};

/// A Backend on an image, which must outlive it. For one thread, and a second one that makes files meanwhile.
class image_backend {
public:
    class file {
    public:
        explicit file(std::shared_ptr<file_bytes> bytes) noexcept : bytes_(std::move(bytes)) {}

        [[nodiscard]] tusk::result<std::uint64_t> size() const noexcept { return bytes_->size(); }
        [[nodiscard]] tusk::result<std::size_t> read(std::uint64_t at, tusk::byte_span out) const noexcept {
            if (at >= bytes_->size())
                return 0U;
            const tusk::byte_view from = tusk::byte_view(*bytes_).subspan(static_cast<std::size_t>(at));
            const std::size_t n = std::min(out.size(), from.size());
            std::copy_n(from.begin(), n, out.begin());
            return n;
        }
        [[nodiscard]] tusk::result<void> write(std::uint64_t at, std::span<const tusk::byte_view> pieces) noexcept {
            for (const tusk::byte_view piece : pieces) {
                if (at + piece.size() > bytes_->size())
                    bytes_->resize(static_cast<std::size_t>(at + piece.size()));
                std::copy(piece.begin(), piece.end(), bytes_->begin() + static_cast<std::ptrdiff_t>(at));
                at += piece.size();
            }
            return tusk::success();
        }
        [[nodiscard]] tusk::result<void> sync() noexcept { return tusk::success(); }
        [[nodiscard]] tusk::result<void> trim(std::uint64_t at) noexcept {
            bytes_->resize(static_cast<std::size_t>(at));
            return tusk::success();
        }
        [[nodiscard]] tusk::result<void> close() noexcept { return tusk::success(); }

    private:
        std::shared_ptr<file_bytes> bytes_;
    };
    struct lock_type {};

    explicit image_backend(image& on) noexcept : image_(&on) {}

    [[nodiscard]] tusk::result<void> attach(bool) noexcept { return tusk::success(); }
    [[nodiscard]] tusk::result<file> create(const char* name, std::uint64_t size) noexcept {
        const std::scoped_lock lock(names());
        auto& bytes = image_->all()[name];
        if (bytes)
            return tusk::system_code(EEXIST);
        bytes = std::make_shared<file_bytes>(static_cast<std::size_t>(size));
        return file(bytes);
    }
    [[nodiscard]] tusk::result<file> open(const char* name, tusk::open_for) noexcept {
        const std::scoped_lock lock(names());
        const auto at = image_->all().find(name);
        return at == image_->all().end() ? tusk::result<file>(tusk::system_code(ENOENT)) : file(at->second);
    }
    [[nodiscard]] tusk::result<void> rename(const char* from, const char* to) noexcept {
        const std::scoped_lock lock(names());
        auto moved = image_->all().extract(std::string(from));
        if (!moved)
            return tusk::system_code(ENOENT);
        moved.key() = to;
        image_->all().erase(moved.key());
        image_->all().insert(std::move(moved));
        return tusk::success();
    }
    [[nodiscard]] tusk::result<void> remove(const char* name) noexcept {
        const std::scoped_lock lock(names());
        const auto at = image_->all().find(name);
        if (at == image_->all().end())
            return tusk::system_code(ENOENT);
        image_->all().erase(at);
        return tusk::success();
    }
    [[nodiscard]] tusk::result<void> list(std::vector<std::string>& names) noexcept {
        const std::scoped_lock lock(this->names());
        for (const auto& [name, bytes] : image_->all())
            names.push_back(name);
        return tusk::success();
    }
    [[nodiscard]] tusk::result<void> sync_directory() noexcept { return tusk::success(); }
    [[nodiscard]] tusk::result<lock_type> lock(const char* name) noexcept {
        const std::scoped_lock guard(names());
        auto& bytes = image_->all()[name];
        if (!bytes)
            bytes = std::make_shared<file_bytes>();
        return lock_type{};
    }
    /// The same each time, so that the same story makes the same bytes.
    [[nodiscard]] std::uint64_t identity() noexcept { return 0x5EED'0F'7E57'1095; }

private:
    [[nodiscard]] static std::mutex& names() {
        static std::mutex mutex;
        return mutex;
    }

    image* image_;
};

static_assert(tusk::backend<image_backend> && tusk::gives_identity<image_backend>);

} // namespace damage
