#pragma once

#include <tusk/backend/memory.hpp>

namespace archetype {

/// A backend that has what the concept asks for and nothing else. Its files are those of a `memory_backend`.
class bare_backend {
    using inner = tusk::memory_backend;

public:
    class file {
    public:
        file(file&&) noexcept = default;
        file& operator=(file&&) noexcept = default;
        ~file() = default;

        tusk::result<std::uint64_t> size() const noexcept { return file_.size(); }
        tusk::result<std::size_t> read(std::uint64_t at, tusk::byte_span out) const noexcept {
            return file_.read(at, out);
        }
        tusk::result<void> write(std::uint64_t at, std::span<const tusk::byte_view> pieces) noexcept {
            return file_.write(at, pieces);
        }
        tusk::result<void> sync() noexcept { return file_.sync(); }
        tusk::result<void> trim(std::uint64_t at) noexcept { return file_.trim(at); }
        tusk::result<void> close() noexcept { return file_.close(); }

    private:
        friend class bare_backend;
        explicit file(inner::file f) noexcept : file_(std::move(f)) {}

        inner::file file_;
    };

    class lock_type {
    private:
        friend class bare_backend;
        explicit lock_type(inner::lock_type held) noexcept : held_(std::move(held)) {}

        inner::lock_type held_;
    };

    explicit bare_backend(inner files) noexcept : files_(std::move(files)) {}

    tusk::result<void> attach(bool create) noexcept { return files_.attach(create); }
    tusk::result<file> create(const char* name, std::uint64_t size) noexcept {
        TUSK_TRY(auto f, files_.create(name, size));
        return file(std::move(f));
    }
    tusk::result<file> open(const char* name, tusk::open_for purpose) noexcept {
        TUSK_TRY(auto f, files_.open(name, purpose));
        return file(std::move(f));
    }
    tusk::result<void> rename(const char* from, const char* to) noexcept { return files_.rename(from, to); }
    tusk::result<void> remove(const char* name) noexcept { return files_.remove(name); }
    tusk::result<void> list(std::vector<std::string>& names) noexcept { return files_.list(names); }
    tusk::result<void> sync_directory() noexcept { return files_.sync_directory(); }
    tusk::result<lock_type> lock(const char* name) noexcept {
        TUSK_TRY(auto held, files_.lock(name));
        return lock_type(std::move(held));
    }

private:
    inner files_;
};

static_assert(tusk::backend<bare_backend>);
static_assert(!std::default_initializable<bare_backend> && !std::copyable<bare_backend>);
static_assert(!std::default_initializable<bare_backend::file> && !std::copyable<bare_backend::file>);
static_assert(!std::default_initializable<bare_backend::lock_type> && !std::copyable<bare_backend::lock_type>);

} // namespace archetype
