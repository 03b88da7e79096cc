#pragma once

#include <tusk/concept/backend.hpp>

#include <memory>
#include <string>
#include <vector>

/// Every Backend behind one face.
namespace matrix {

using namespace tusk;

/// A file of any Backend, with all that some of them can do.
class any_file {
public:
    virtual ~any_file() = default;
    virtual result<std::uint64_t> size() const noexcept = 0;
    virtual result<std::size_t> read(std::uint64_t at, byte_span out) const noexcept = 0;
    virtual result<void> write(std::uint64_t at, std::span<const byte_view> pieces) noexcept = 0;
    virtual result<void> sync() noexcept = 0;
    virtual result<void> trim(std::uint64_t at) noexcept = 0;
    virtual result<void> close() noexcept = 0;
    /// Nothing, if it knows no such thing.
    virtual result<void> reserve(std::uint64_t size) noexcept = 0;
    /// None, if it has none.
    virtual byte_span window(std::uint64_t at, std::size_t size) noexcept = 0;
    [[nodiscard]] virtual bool can_write_synced() const noexcept = 0;
    virtual result<void> write_synced(std::uint64_t at, std::span<const byte_view> pieces,
                                      result<void>& synced) noexcept = 0;
};

template<backend_file File>
class any_file_of final : public any_file {
public:
    explicit any_file_of(File file) : file_(std::move(file)) {}

    result<std::uint64_t> size() const noexcept override { return file_.size(); }
    result<std::size_t> read(std::uint64_t at, byte_span out) const noexcept override { return file_.read(at, out); }
    result<void> write(std::uint64_t at, std::span<const byte_view> pieces) noexcept override {
        return file_.write(at, pieces);
    }
    result<void> sync() noexcept override { return file_.sync(); }
    result<void> trim(std::uint64_t at) noexcept override { return file_.trim(at); }
    result<void> close() noexcept override { return file_.close(); }
    result<void> reserve(std::uint64_t size) noexcept override {
        if constexpr (requires { file_.reserve(size); })
            return file_.reserve(size);
        else
            return success();
    }
    byte_span window(std::uint64_t at, std::size_t size) noexcept override {
        if constexpr (gives_window<File>)
            return file_.window(at, size);
        else
            return {};
    }
    bool can_write_synced() const noexcept override { return writes_synced<File>; }
    result<void> write_synced(std::uint64_t at, std::span<const byte_view> pieces,
                              result<void>& synced) noexcept override {
        if constexpr (writes_synced<File>) {
            return file_.write_synced(at, pieces, synced);
        } else {
            TUSK_TRY(file_.write(at, pieces));
            synced = file_.sync();
            return success();
        }
    }

private:
    File file_;
};

class any_backend {
public:
    using file = std::unique_ptr<any_file>;
    using lock_type = std::shared_ptr<void>;

    virtual ~any_backend() = default;
    virtual result<void> attach(bool create) noexcept = 0;
    virtual result<file> create(const char* name, std::uint64_t size) noexcept = 0;
    virtual result<file> open(const char* name, open_for purpose) noexcept = 0;
    virtual result<void> rename(const char* from, const char* to) noexcept = 0;
    virtual result<void> remove(const char* name) noexcept = 0;
    virtual result<void> list(std::vector<std::string>& names) noexcept = 0;
    virtual result<void> sync_directory() noexcept = 0;
    virtual result<lock_type> lock(const char* name) noexcept = 0;
};

template<backend Backend>
class any_backend_of final : public any_backend {
public:
    explicit any_backend_of(Backend directory) : directory_(std::move(directory)) {}

    result<void> attach(bool create) noexcept override { return directory_.attach(create); }
    result<file> create(const char* name, std::uint64_t size) noexcept override {
        return any(directory_.create(name, size));
    }
    result<file> open(const char* name, open_for purpose) noexcept override {
        return any(directory_.open(name, purpose));
    }
    result<void> rename(const char* from, const char* to) noexcept override { return directory_.rename(from, to); }
    result<void> remove(const char* name) noexcept override { return directory_.remove(name); }
    result<void> list(std::vector<std::string>& names) noexcept override { return directory_.list(names); }
    result<void> sync_directory() noexcept override { return directory_.sync_directory(); }
    result<lock_type> lock(const char* name) noexcept override {
        TUSK_TRY(auto taken, directory_.lock(name));
        return lock_type(std::make_shared<typename Backend::lock_type>(std::move(taken)));
    }

private:
    static result<file> any(result<typename Backend::file> opened) {
        TUSK_TRY(auto f, std::move(opened));
        return file(std::make_unique<any_file_of<typename Backend::file>>(std::move(f)));
    }

    Backend directory_;
};

} // namespace matrix
