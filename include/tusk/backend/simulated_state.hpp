#pragma once

#include <tusk/backend/copy_on_write.hpp>
#include <tusk/backend/simulated_contents.hpp>
#include <tusk/backend/simulated_faults.hpp>
#include <tusk/core/result.hpp>

#include <limits>
#include <map>
#include <set>
#include <string>

namespace tusk::inline v0 {

/// All of a simulated disk: a directory of files. Copies share what they do not change. For one thread at a time; its
/// users lock. A call belongs to a life of the disk, and fails after it.
class simulated_state {
public:
    using file_id = std::uint64_t;
    using life_id = std::uint64_t;

    disk_faults faults;
    std::uint64_t capacity = std::numeric_limits<std::uint64_t>::max();

    [[nodiscard]] life_id life() const noexcept { return life_; }

    result<void> attach(bool create) {
        TUSK_TRY(enter(disk_call::attach, life_));
        made_ = made_ || create;
        return made_ ? result<void>(success()) : errc::no_log;
    }

    result<file_id> create(life_id life, const char* name, std::uint64_t size) {
        TUSK_TRY(enter(disk_call::create, life));
        if (names_.contains(name))
            return system_code(EEXIST);
        if (size > max_size || size > capacity - std::min(capacity, used()))
            return errc::no_space;
        const file_id id = add(name);
        files_[id].contents.change().resize(size, order_);
        ++files_[id].handles;
        return id;
    }

    result<file_id> open(life_id life, const char* name) {
        TUSK_TRY(enter(disk_call::open, life));
        const auto at = names_.find(name);
        if (at == names_.end())
            return system_code(ENOENT);
        ++files_[at->second].handles;
        return at->second;
    }

    result<void> rename(life_id life, const char* from, const char* to) {
        TUSK_TRY(enter(disk_call::rename, life));
        const auto at = names_.find(from);
        if (at == names_.end())
            return system_code(ENOENT);
        change_names({{.order = ++order_}, at->second, from, to});
        return success();
    }

    result<void> remove(life_id life, const char* name) {
        TUSK_TRY(enter(disk_call::remove, life));
        const auto at = names_.find(name);
        if (at == names_.end())
            return system_code(ENOENT);
        change_names({{.order = ++order_}, at->second, name, {}});
        return success();
    }

    result<void> list(life_id life, std::vector<std::string>& out) {
        TUSK_TRY(enter(disk_call::list, life));
        for (const auto& [name, id] : names_)
            out.push_back(name);
        return success();
    }

    result<void> sync_directory(life_id life) {
        const auto all = [](const name_change&) { return true; };
        const disk_admission a = admit(disk_call::sync_directory, life);
        if (a.how == disk_admission::outcome::fault)
            mark_unsynced(changes_, change_state::failed, all);
        if (a.error)
            return a.error;
        mark_unsynced(changes_, change_state::synced, all);
        settle_front(changes_, [this](const name_change& c) { apply(c, kept_names_); });
        collect();
        return success();
    }

    result<file_id> lock(life_id life, const char* name) {
        TUSK_TRY(enter(disk_call::lock, life));
        const auto at = names_.find(name);
        file& f = files_[at == names_.end() ? add(name) : at->second];
        if (std::exchange(f.locked, true))
            return errc::busy;
        return names_.find(name)->second;
    }
    void unlock(life_id life, file_id id) noexcept {
        if (life == life_)
            files_.at(id).locked = false;
    }

    result<std::uint64_t> size(life_id life, file_id id) {
        TUSK_TRY(enter(disk_call::size, life));
        return contents(id).seen().size();
    }

    result<std::size_t> read(life_id life, file_id id, std::uint64_t at, byte_span out) {
        TUSK_TRY(enter(disk_call::read, life));
        if (!contents(id).readable(at, out.size()))
            return system_code(EIO);
        return contents(id).seen().read(at, out);
    }

    result<void> write(life_id life, file_id id, std::uint64_t at, std::span<const byte_view> pieces) {
        using enum disk_admission::outcome;
        const disk_admission a = admit(disk_call::write, life);
        if (a.how == dead)
            return a.error;
        std::uint64_t bytes = 0;
        for (const byte_view piece : pieces)
            bytes += piece.size();
        const std::uint64_t end = largest(id);
        const std::uint64_t room = at < end ? std::min(bytes, end - at) : 0;
        const auto limit = static_cast<std::size_t>(a.how == fault ? std::min<std::uint64_t>(room, a.written) : room);
        simulated_contents& written = files_[id].contents.change();
        a.how == cut ? written.write_in_flight(at, pieces, limit, order_) : written.write(at, pieces, limit, order_);
        if (a.error)
            return a.error;
        return room == bytes ? result<void>(success()) : errc::no_space;
    }

    result<void> prewrite(life_id life, file_id id, std::uint64_t at, std::uint64_t size) {
        if (life != life_)
            return system_code(EIO); // before its file is looked at, which may be gone
        const std::uint64_t end = contents(id).seen().size();
        if (at >= end)
            return success(); // never makes the file larger
        const std::vector<std::byte> zeros(static_cast<std::size_t>(std::min(size, end - at)));
        const byte_view piece = zeros;
        return write(life, id, at, {&piece, 1});
    }

    /// Not a call: nothing counts it, or makes it fail.
    [[nodiscard]] std::uint64_t data_end(life_id life, file_id id) const {
        return life == life_ ? contents(id).data_end() : std::numeric_limits<std::uint64_t>::max();
    }

    /// The number of the last change of the disk.
    [[nodiscard]] std::uint64_t last_change() const noexcept { return order_; }
    /// Makes certain what was changed after the change `since`, and what has to be for that to be found; 0 is before all.
    result<void> sync(life_id life, file_id id, std::uint64_t since) {
        const disk_admission a = admit(disk_call::sync, life);
        if (a.how == disk_admission::outcome::fault && !contents(id).certain())
            files_[id].contents.change().fail_sync(since);
        if (a.error)
            return a.error;
        if (!contents(id).certain())
            files_[id].contents.change().sync(since);
        return success();
    }

    /// As a sync that fails, without being a call.
    void give_up(life_id life, file_id id, std::uint64_t since) {
        if (life == life_ && !contents(id).certain())
            files_[id].contents.change().fail_sync(since);
    }

    result<void> trim(life_id life, file_id id, std::uint64_t at) {
        TUSK_TRY(enter(disk_call::trim, life));
        if (at > largest(id))
            return errc::no_space;
        files_[id].contents.change().resize(at, order_);
        return success();
    }

    result<void> close(life_id life, file_id id) {
        const disk_admission a = admit(disk_call::close, life);
        release(life, id);
        if (a.error)
            return a.error;
        return success();
    }
    /// Closes without being a call.
    void release(life_id life, file_id id) noexcept {
        if (life == life_)
            --files_.at(id).handles;
    }

    /// Nobody has a file open or locked.
    void abandon() {
        for (auto& [id, f] : files_) {
            f.handles = 0;
            f.locked = false;
        }
        collect();
    }

    /// The power goes and comes back.
    void power_cycle(const disk_loss& loss) {
        begin_life();
        loss.decide(uncertain());
        for (const name_change& c : changes_)
            if (c.state == change_state::synced || c.fate != change_fate::lost)
                apply(c, kept_names_);
        changes_.clear();
        names_ = kept_names_;
        for (auto& [id, f] : files_)
            if (!f.contents.read().certain())
                f.contents.change().lose_power(loss.seed());
        collect();
    }

    /// The process that used the disk dies, the machine goes on.
    void kill() {
        begin_life();
        for (auto& [id, f] : files_)
            if (!f.contents.read().certain())
                f.contents.change().forget_in_flight();
        collect();
    }

    /// The changes that a loss of power now decides about, the oldest first.
    [[nodiscard]] std::vector<disk_change*> uncertain() {
        std::vector<disk_change*> found;
        const std::set<file_id> with_name = named();
        const auto add_to = [&](disk_change& c) { found.push_back(&c); };
        for (auto& [id, f] : files_)
            if (with_name.contains(id) && !f.contents.read().certain())
                f.contents.change().uncertain(add_to);
        for (name_change& c : changes_)
            if (c.state != change_state::synced)
                found.push_back(&c);
        std::sort(found.begin(), found.end(),
                  [](const disk_change* a, const disk_change* b) { return a->order < b->order; });
        return found;
    }

    /// Adds what is there if the power goes now and nothing survives that is not certain to.
    void add_certain(disk_hash& sum) const {
        std::map<std::string, file_id> names = kept_names_;
        for (const name_change& c : changes_)
            if (c.state == change_state::synced)
                apply(c, names);
        for (const auto& [name, id] : names) {
            sum.add(name);
            contents(id).add_certain(sum);
        }
    }
    /// Adds all changes that have not met their fate yet to a hash, and the files and the order in which they are.
    void add_changes(disk_hash& sum) const {
        for (const auto& [id, f] : files_)
            if (!f.contents.read().certain()) {
                sum.add(id);
                f.contents.read().add_changes(sum);
            }
        for (const name_change& c : changes_) {
            add_change(sum, c);
            sum.add(c.file);
            sum.add(c.from);
            sum.add(c.to);
        }
    }

    /// The files that there are, by name.
    [[nodiscard]] const std::map<std::string, file_id>& names() const noexcept { return names_; }
    [[nodiscard]] const simulated_contents& contents(file_id id) const { return files_.at(id).contents.read(); }
    [[nodiscard]] simulated_contents& damaged(const std::string& name) {
        return files_.at(names_.at(name)).contents.change();
    }

    /// Takes a file away for good.
    void erase(const std::string& name) {
        const file_id gone = names_.at(name);
        const auto is_it = [&](const auto& entry) { return entry.second == gone; };
        std::erase_if(names_, is_it);
        std::erase_if(kept_names_, is_it);
        std::erase_if(changes_, [&](const name_change& c) { return c.file == gone; });
        collect();
    }

private:
    struct file {
        copy_on_write<simulated_contents> contents;
        unsigned handles = 0;
        bool locked = false;
    };

    // A file gets a name (no `from`), another name, or loses its name (no `to`).
    struct name_change : disk_change {
        file_id file = 0;
        std::string from;
        std::string to;
    };

    static void apply(const name_change& c, std::map<std::string, file_id>& names) {
        if (const auto at = names.find(c.from); at != names.end() && at->second == c.file)
            names.erase(at);
        if (!c.to.empty())
            names[c.to] = c.file;
    }

    void change_names(name_change c) {
        apply(c, names_);
        changes_.push_back(std::move(c));
    }

    file_id add(const char* name) {
        const file_id id = ++last_file_;
        files_[id];
        change_names({{.order = ++order_}, id, {}, name});
        return id;
    }

    disk_admission admit(disk_call call, life_id life) {
        if (life != life_)
            return {disk_admission::outcome::dead, system_code(EIO)};
        return faults.admit(call);
    }
    result<void> enter(disk_call call, life_id life) {
        if (const disk_admission a = admit(call, life); a.error)
            return a.error;
        return success();
    }

    void begin_life() {
        ++life_;
        faults.restore_power();
        abandon();
    }

    // Files that have a name, or may have one again.
    [[nodiscard]] std::set<file_id> named() const {
        std::set<file_id> ids;
        for (const auto* names : {&names_, &kept_names_})
            for (const auto& [name, id] : *names)
                ids.insert(id);
        for (const name_change& c : changes_)
            ids.insert(c.file);
        return ids;
    }

    void collect() {
        const std::set<file_id> with_name = named();
        std::erase_if(files_, [&](const auto& entry) {
            const auto& [id, f] = entry;
            return f.handles == 0 && !f.locked && !with_name.contains(id);
        });
    }

    // What the files take that can be seen. One that was removed while it was open takes nothing.
    [[nodiscard]] std::uint64_t used() const {
        std::uint64_t sum = 0;
        for (const auto& [name, id] : names_)
            sum += contents(id).seen().size();
        return sum;
    }
    // How large the file may get.
    [[nodiscard]] std::uint64_t largest(file_id id) const {
        const std::uint64_t own = contents(id).seen().size();
        if (capacity >= max_size)
            return max_size;
        const std::uint64_t all = used();
        return own + (capacity - std::min(capacity, all));
    }

    static constexpr std::uint64_t max_size = std::numeric_limits<std::int64_t>::max();

    std::map<file_id, file> files_;
    std::map<std::string, file_id> names_;      // as seen
    std::map<std::string, file_id> kept_names_; // as is certain
    std::vector<name_change> changes_;          // of names, the oldest first
    file_id last_file_ = 0;
    std::uint64_t order_ = 0;
    life_id life_ = 1;
    bool made_ = false;
};

} // namespace tusk::inline v0
