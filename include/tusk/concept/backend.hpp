#pragma once

#include <tusk/core/pin.hpp>
#include <tusk/core/result.hpp>

#include <concepts>
#include <cstdint>
#include <string>
#include <vector>

namespace tusk::inline v0 {

/// What a file is opened for.
enum class open_for : std::uint8_t { read, write };

/// A file of a Backend. One thread writes at a time; reads and syncs may happen beside that.
template<class F>
concept backend_file = std::movable<F> && requires(F file, const F constant, std::uint64_t at, byte_span out,
                                                   std::span<const byte_view> in) {
    { constant.size() } noexcept -> std::same_as<result<std::uint64_t>>;
    { constant.read(at, out) } noexcept -> std::same_as<result<std::size_t>>;
    { file.write(at, in) } noexcept -> std::same_as<result<void>>;
    { file.sync() } noexcept -> std::same_as<result<void>>;
    { file.trim(at) } noexcept -> std::same_as<result<void>>;
    { file.close() } noexcept -> std::same_as<result<void>>;
};

/// A file whose bytes can be written in place, in memory. A refinement.
template<class F>
concept gives_window = backend_file<F> && requires(F file, std::uint64_t at, std::size_t size) {
    { file.window(at, size) } noexcept -> std::same_as<byte_span>;
};

/// A file that may be told that nothing is put into its windows any more, so that a sync of it can be cheaper. A refinement.
template<class F>
concept ends_window = gives_window<F> && requires(F file) {
    { file.end_window() } noexcept -> std::same_as<void>;
};

/// A file that can make its windows ready before they are filled, beside the one who writes. A refinement.
template<class F>
concept touches_window = gives_window<F> && requires(F file, std::uint64_t until) {
    { file.touch_window(until) } noexcept -> std::same_as<void>;
};

/// A file whose bytes can be read in place, in memory. A refinement.
template<class F>
concept gives_view = backend_file<F> && requires(const F file, std::uint64_t at, std::size_t size) {
    { file.view(at, size) } noexcept -> std::same_as<pinned_bytes>;
};

/// A file that writes and syncs in one step. A refinement.
template<class F>
concept writes_synced =
    backend_file<F> && requires(F file, std::uint64_t at, std::span<const byte_view> in, result<void>& synced) {
        { file.write_synced(at, in, synced) } noexcept -> std::same_as<result<void>>;
    };

/// A file whose syncs are cheaper where zeros were written before. A refinement.
template<class F>
concept prewrites = backend_file<F> && requires(F file, std::uint64_t at, std::uint64_t size) {
    { file.prewrite(at, size) } noexcept -> std::same_as<void>;
};

/// A file that knows where nothing was ever written, so that nobody has to read the zeros there. A refinement.
template<class F>
concept knows_data_end = backend_file<F> && requires(const F file) {
    { file.data_end() } noexcept -> std::same_as<std::uint64_t>;
};

/// A directory of a log: how bytes reach the disk and how the directory changes. Names are plain file names.
/// See concept/README.md for what each expression means; test/conformance/backend.hpp proves it.
template<class B>
concept backend = std::movable<B> && backend_file<typename B::file> && std::movable<typename B::lock_type> &&
                  requires(B directory, const char* name, std::uint64_t size, open_for purpose, bool create,
                           std::vector<std::string>& names) {
                      { directory.attach(create) } noexcept -> std::same_as<result<void>>;
                      { directory.create(name, size) } noexcept -> std::same_as<result<typename B::file>>;
                      { directory.open(name, purpose) } noexcept -> std::same_as<result<typename B::file>>;
                      { directory.rename(name, name) } noexcept -> std::same_as<result<void>>;
                      { directory.remove(name) } noexcept -> std::same_as<result<void>>;
                      { directory.list(names) } noexcept -> std::same_as<result<void>>;
                      { directory.sync_directory() } noexcept -> std::same_as<result<void>>;
                      { directory.lock(name) } noexcept -> std::same_as<result<typename B::lock_type>>;
                  };

/// A directory that has something to say about how attach() has gone: why it was refused, or what is done without. A
/// refinement. Empty if there is nothing to say.
template<class B>
concept gives_note = backend<B> && requires(const B directory) {
    { directory.note() } noexcept -> std::same_as<std::string>;
};

/// A directory that decides what a log that is made in it is known by. A refinement: else it is random.
template<class B>
concept gives_identity = backend<B> && requires(B directory) {
    { directory.identity() } noexcept -> std::same_as<std::uint64_t>;
};

} // namespace tusk::inline v0
