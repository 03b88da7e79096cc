#pragma once

#include <matrix/any_backend.hpp>

#include <tusk/core/bytes.hpp>

#include <algorithm>
#include <cerrno>

namespace matrix {

/// How far a process has come with the call in which it dies, and with what it had put into windows just before.
enum class death : std::uint8_t {
    before, ///< nothing of it was done
    within, ///< half of it was
    behind, ///< all of it was, and nobody was told
};

/// What was put into a window of a file, until it is known whether the process lived to put it there. The log gets memory
/// that only looks like the file's, and what it puts there goes to the file when the next call is made; so nothing does
/// that is put there after the end.
class mortal_window {
public:
    /// The file's bytes from `at` on, as the file itself gives them.
    [[nodiscard]] byte_span of(any_file& file, std::uint64_t at, std::size_t size) {
        const byte_span there = file.window(at, size);
        if (there.empty())
            return there;
        if (shown_.empty()) {
            real_ = file.window(0, SIZE_MAX);
            shown_.assign(real_.begin(), real_.end());
            stored_ = shown_;
        }
        return byte_span(shown_).subspan(static_cast<std::size_t>(at), there.size());
    }
    /// A call is to write there: the window shows it too.
    void write(std::uint64_t at, byte_view bytes) {
        for (std::size_t i = 0; i < bytes.size() && at + i < shown_.size(); ++i)
            shown_[static_cast<std::size_t>(at) + i] = stored_[static_cast<std::size_t>(at) + i] = bytes[i];
    }
    /// What was put there since the last time goes to the file, or the first half of it. False if there was nothing.
    bool store(bool half = false) {
        const auto changed = std::mismatch(shown_.begin(), shown_.end(), stored_.begin()).first - shown_.begin();
        if (changed == std::ssize(shown_))
            return false;
        auto end = std::ssize(shown_);
        while (shown_[static_cast<std::size_t>(end - 1)] == stored_[static_cast<std::size_t>(end - 1)])
            --end;
        if (half)
            end = changed + (end - changed) / 2;
        std::copy(shown_.begin() + changed, shown_.begin() + end, real_.begin() + changed);
        std::copy(shown_.begin() + changed, shown_.begin() + end, stored_.begin() + changed);
        return true;
    }

private:
    std::vector<std::byte> shown_;  // what the log writes to
    std::vector<std::byte> stored_; // what of it the file has
    byte_span real_;
};

/// The life of a process as its files know it: it ends in a call that is chosen beforehand. Counted are those that change
/// a file or the directory, or promise that a change is durable. For one thread.
class mortal_life {
public:
    /// Does not end.
    mortal_life() = default;
    /// Ends in that call, the first of which is 1.
    mortal_life(std::uint64_t last_call, death how) : last_(last_call), how_(how) {}

    [[nodiscard]] bool over() const noexcept { return last_ != 0 && calls_ >= last_; }
    [[nodiscard]] std::uint64_t calls() const noexcept { return calls_; }

    /// Makes a call, as far as the process lives to make it. `half` is what is done of it if it dies within.
    template<class Call, class Half>
    [[nodiscard]] auto call(Call&& all, Half&& half) noexcept -> decltype(all()) {
        if (over())
            return gone();
        if (++calls_ != last_) {
            store();
            return all();
        }
        if (how_ == death::behind) {
            store();
            (void)all();
        } else if (how_ == death::within && !store(/*half=*/true)) {
            half();
        }
        return gone();
    }
    /// One that is done or not.
    template<class Call>
    [[nodiscard]] auto call(Call&& all) noexcept -> decltype(all()) {
        return call(std::forward<Call>(all), [] {});
    }
    /// One that changes nothing.
    template<class Call>
    [[nodiscard]] auto look(Call&& all) noexcept -> decltype(all()) {
        if (over())
            return gone();
        store();
        return all();
    }

    /// What was put into windows so far was put there by one who lived on.
    bool store(bool half = false) noexcept {
        bool any = false;
        for (const std::weak_ptr<mortal_window>& w : windows_)
            if (const auto window = w.lock())
                any = window->store(half) || any;
        return any;
    }
    [[nodiscard]] std::shared_ptr<mortal_window> make_window() {
        auto made = std::make_shared<mortal_window>();
        windows_.push_back(made);
        return made;
    }

private:
    /// What a call gives when nobody is there to hear it.
    [[nodiscard]] static std::error_code gone() noexcept { return {ESHUTDOWN, std::system_category()}; }

    std::vector<std::weak_ptr<mortal_window>> windows_;
    std::uint64_t calls_ = 0;
    std::uint64_t last_ = 0; // 0: none
    death how_ = death::before;
};

/// A file of a mortal_backend.
class mortal_file {
public:
    mortal_file(any_backend::file file, std::shared_ptr<mortal_life> life)
        : file_(std::move(file)), life_(std::move(life)), window_(life_->make_window()) {}

    [[nodiscard]] result<std::uint64_t> size() const noexcept {
        return life_->look([&] { return file_->size(); });
    }
    [[nodiscard]] result<std::size_t> read(std::uint64_t at, byte_span out) const noexcept {
        return life_->look([&] { return file_->read(at, out); });
    }
    [[nodiscard]] result<void> write(std::uint64_t at, std::span<const byte_view> pieces) noexcept {
        return life_->call([&] { return write_all(at, pieces); }, [&] { write_half(at, pieces); });
    }
    /// What the system has is safe from the death of a process: the disk is left alone.
    [[nodiscard]] result<void> sync() noexcept {
        return life_->call([]() -> result<void> { return success(); });
    }
    [[nodiscard]] result<void> trim(std::uint64_t at) noexcept {
        return life_->call([&] { return file_->trim(at); });
    }
    [[nodiscard]] result<void> reserve(std::uint64_t size) noexcept {
        return life_->call([&] { return file_->reserve(size); });
    }
    [[nodiscard]] byte_span window(std::uint64_t at, std::size_t size) noexcept {
        return window_->of(*file_, at, size);
    }
    /// Two calls where the file's own is none.
    [[nodiscard]] result<void> write_synced(std::uint64_t at, std::span<const byte_view> pieces,
                                            result<void>& synced) noexcept {
        if (!file_->can_write_synced()) {
            TUSK_TRY(write(at, pieces));
            synced = sync();
            return success();
        }
        return life_->call([&] { return file_->write_synced(at, pieces, synced); }, [&] { write_half(at, pieces); });
    }
    [[nodiscard]] result<void> close() noexcept {
        return life_->look([&] { return file_->close(); });
    }

private:
    result<void> write_all(std::uint64_t at, std::span<const byte_view> pieces) noexcept {
        TUSK_TRY(file_->write(at, pieces));
        for (const byte_view piece : pieces) {
            window_->write(at, piece);
            at += piece.size();
        }
        return success();
    }
    void write_half(std::uint64_t at, std::span<const byte_view> pieces) noexcept {
        std::size_t rest = 0;
        for (const byte_view piece : pieces)
            rest += piece.size();
        rest /= 2;
        for (byte_view piece : pieces) {
            piece = piece.first(std::min(rest, piece.size()));
            (void)file_->write(at, {&piece, 1});
            at += piece.size();
            rest -= piece.size();
        }
    }

    any_backend::file file_;
    std::shared_ptr<mortal_life> life_;
    std::shared_ptr<mortal_window> window_;
};

/// Any Backend, as a process sees it that dies in the middle of a call.
class mortal_backend {
public:
    using file = mortal_file;
    using lock_type = any_backend::lock_type;

    mortal_backend(std::unique_ptr<any_backend> directory, std::shared_ptr<mortal_life> life)
        : directory_(std::move(directory)), life_(std::move(life)) {}

    [[nodiscard]] result<void> attach(bool create) noexcept {
        return life_->call([&] { return directory_->attach(create); });
    }
    [[nodiscard]] result<file> create(const char* name, std::uint64_t size) noexcept {
        TUSK_TRY(auto made, life_->call([&] { return directory_->create(name, size); },
                                        [&] { (void)directory_->create(name, size / 2); }));
        return file(std::move(made), life_);
    }
    [[nodiscard]] result<file> open(const char* name, open_for purpose) noexcept {
        TUSK_TRY(auto opened, life_->look([&] { return directory_->open(name, purpose); }));
        return file(std::move(opened), life_);
    }
    [[nodiscard]] result<void> rename(const char* from, const char* to) noexcept {
        return life_->call([&] { return directory_->rename(from, to); });
    }
    [[nodiscard]] result<void> remove(const char* name) noexcept {
        return life_->call([&] { return directory_->remove(name); });
    }
    [[nodiscard]] result<void> list(std::vector<std::string>& names) noexcept {
        return life_->look([&] { return directory_->list(names); });
    }
    [[nodiscard]] result<void> sync_directory() noexcept {
        return life_->call([]() -> result<void> { return success(); });
    }
    [[nodiscard]] result<lock_type> lock(const char* name) noexcept {
        return life_->call([&] { return directory_->lock(name); });
    }

private:
    std::unique_ptr<any_backend> directory_;
    std::shared_ptr<mortal_life> life_;
};

} // namespace matrix
