#pragma once

#include <tusk/backend/posix_file.hpp>

#include <string>
#include <string_view>

#include <dirent.h>
#include <fcntl.h>

namespace tusk::inline v0 {

/// A new descriptor of a file or directory, not inherited by programs that this one starts.
inline result<posix_descriptor> open_at(int directory, const char* name, int flags, ::mode_t mode = 0) noexcept {
    const int number = uninterrupted([&] { return ::openat(directory, name, flags | O_CLOEXEC, mode); });
    if (number < 0)
        return system_code(errno);
    return posix_descriptor(number);
}

/// A directory, opened so that it can be synced and listed.
inline result<posix_descriptor> open_directory(int at, const char* path) noexcept {
    return open_at(at, path, O_RDONLY | O_DIRECTORY);
}

/// Calls `f` with each name in the directory but "." and "..", until it gives false.
template<class F>
result<void> for_each_name(int directory, F&& f) noexcept {
    TUSK_TRY(posix_descriptor own, open_directory(directory, ".")); // the place of reading is its own
    ::DIR* const stream = ::fdopendir(own.get());
    if (stream == nullptr)
        return system_code(errno);
    (void)own.release(); // the stream closes it
    const ::dirent* entry = nullptr;
    do {
        errno = 0;
        entry = ::readdir(stream);
    } while (entry != nullptr &&
             (std::string_view(entry->d_name) == "." || std::string_view(entry->d_name) == ".." || f(entry->d_name)));
    const int reason = entry == nullptr ? errno : 0;
    const result<void> closed = checked(::closedir(stream));
    return reason != 0 ? system_code(reason) : closed;
}

/// The path of the directory that holds `path`.
inline std::string parent_path(std::string_view path) {
    while (path.size() > 1 && path.ends_with('/'))
        path.remove_suffix(1);
    const std::size_t slash = path.rfind('/');
    if (slash == std::string_view::npos)
        return ".";
    return std::string(path.substr(0, slash + 1));
}

/// Makes what `path` names durable in the directory that holds it.
inline result<void> sync_parent(const std::string& path) noexcept {
    TUSK_TRY(posix_descriptor parent, open_directory(AT_FDCWD, parent_path(path).c_str()));
    TUSK_TRY(checked(uninterrupted([&] { return ::fsync(parent.get()); })));
    return parent.close();
}

/// True if somebody may have made the directory `path` and died before it was durable: it is empty, no mount point, and
/// stands where directories can be made durable by this user.
inline result<bool> may_be_new(const std::string& path) noexcept {
    TUSK_TRY(const posix_descriptor directory, open_directory(AT_FDCWD, path.c_str()));
    bool empty = true;
    TUSK_TRY(for_each_name(directory.get(), [&](const char*) { return empty = false; }));
    if (!empty)
        return false;
    const result<posix_descriptor> parent = open_directory(AT_FDCWD, parent_path(path).c_str());
    if (!parent)
        return parent.error() == std::errc::permission_denied ? result<bool>(false) : parent.error();
    struct ::stat own {};
    struct ::stat above {};
    TUSK_TRY(checked(::fstat(directory.get(), &own)));
    TUSK_TRY(checked(::fstat(parent.value().get(), &above)));
    return own.st_dev == above.st_dev;
}

/// Makes the directory `path` and those above it where they are missing, each durable before anything is made in it.
inline result<void> make_directories(const std::string& path) noexcept {
    if (::mkdir(path.c_str(), S_IRWXU) == 0)
        return sync_parent(path);
    const int reason = errno;
    const std::string parent = parent_path(path);
    if (reason == ENOENT && !path.empty() && parent != path && parent != ".") {
        TUSK_TRY(make_directories(parent));
        // Another process may have been faster: then it is there, and perhaps not yet durable.
        if (::mkdir(path.c_str(), S_IRWXU) < 0 && errno != EEXIST)
            return system_code(errno);
        return sync_parent(path);
    }
    if (reason != EEXIST)
        return system_code(reason);
    TUSK_TRY(const bool perhaps_new, may_be_new(path));
    return perhaps_new ? sync_parent(path) : success();
}

} // namespace tusk::inline v0
