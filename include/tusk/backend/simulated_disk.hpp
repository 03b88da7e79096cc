#pragma once

#include <tusk/backend/simulated_state.hpp>

#include <functional>
#include <limits>
#include <mutex>
#include <type_traits>

namespace tusk::inline v0 {

/// A disk with one directory that can lose, tear, reorder and refuse, always in the same way for the same calls and
/// seeds. It outlives the logs on it: `simulated_backend(disk)` gives a log the disk, the disk itself is what the test
/// holds. See backend/README.md for its models. Copies of the object are the same disk; copy() makes another. Any number
/// of threads may call. What names a file throws std::out_of_range if there is none.
class simulated_disk {
public:
    simulated_disk() : shared_(std::make_shared<shared>()) {}

    /// Another disk like this one, whose files nobody has open or locked. Costs little: both share what neither changes.
    [[nodiscard]] simulated_disk copy() const {
        simulated_disk other;
        other.shared_->state = locked([](const simulated_state& s) { return s; });
        other.shared_->state.abandon();
        return other;
    }

    /// @name What was called
    /// @{
    /// Calls so far that change the disk: create, rename, remove, sync_directory, write, sync, trim. write_synced is a
    /// write and a sync, prewrite a write. Goes on counting over the lives of the disk.
    [[nodiscard]] std::uint64_t calls() const {
        return locked([](simulated_state& s) { return s.faults.changing(); });
    }
    /// Calls of one kind so far.
    [[nodiscard]] std::uint64_t count(disk_call kind) const {
        return locked([&](simulated_state& s) { return s.faults.count(kind); });
    }
    /// Changes that a loss of power now would decide about, as disk_loss::subset() counts them.
    [[nodiscard]] std::size_t unsynced() const {
        return locked([](simulated_state& s) { return s.uncertain().size(); });
    }
    /// @}

    /// @name What is to go wrong
    /// @{
    /// The call that makes calls() `nth` is not done, but that a write may have arrived in part: it and all after it fail
    /// with EIO, until power_cycle() or kill(). 0 is never.
    void stop_at(std::uint64_t nth) {
        locked([&](simulated_state& s) { s.faults.stop_at(nth); });
    }
    /// False once stop_at() has struck.
    [[nodiscard]] bool has_power() const {
        return locked([](simulated_state& s) { return s.faults.power(); });
    }
    /// Makes a call fail. A sync that fails gives up what it would have covered: reads still see it, no later sync covers
    /// it. Other calls that fail have done nothing, but that a write may have written a part.
    void fail(const disk_fault& f) {
        locked([&](simulated_state& s) { s.faults.add(f); });
    }
    /// Before each call that changes the disk `see` gets the disk as it were if the power went in that call: to go on with
    /// power_cycle() or kill(). So one run shows all places where it may be cut. One call at a time, on the thread that calls
    /// the disk, which nobody else can use meanwhile. Empty: no longer.
    void watch(std::function<void(const simulated_disk&)> see) {
        const std::scoped_lock lock(shared_->mutex);
        shared_->see = std::move(see);
    }
    /// Forgets all that fail() asked for.
    void heal() {
        locked([](simulated_state& s) { s.faults.clear(); });
    }
    /// The bytes that all files together may have; a file has the size that it was created with from the start. What was
    /// removed takes nothing, even while it is open.
    void capacity(std::uint64_t bytes) {
        locked([&](simulated_state& s) { s.capacity = bytes; });
    }
    /// Reads that touch these bytes of a file give EIO from now on, in later lives too.
    void make_unreadable(const std::string& name, std::uint64_t offset, std::uint64_t size) {
        const std::uint64_t end = offset + std::min(size, std::numeric_limits<std::uint64_t>::max() - offset);
        locked([&](simulated_state& s) { s.damaged(name).spoil(offset, end); });
    }
    /// @}

    /// @name Lives
    /// @{
    /// The power goes, and comes back: what was not synced meets its loss, everything is closed, calls by those who had
    /// the disk before fail with EIO.
    void power_cycle(const disk_loss& loss) {
        locked([&](simulated_state& s) { s.power_cycle(loss); });
    }
    /// The process that had the disk dies: all that it did is seen, nothing of it is more durable than before.
    void kill() {
        locked([](simulated_state& s) { s.kill(); });
    }
    /// @}

    /// @name What is on it
    /// @{
    [[nodiscard]] std::vector<std::string> names() const {
        return locked([](simulated_state& s) {
            std::vector<std::string> found;
            for (const auto& [name, id] : s.names())
                found.push_back(name);
            return found;
        });
    }
    /// The bytes of a file as reads see them.
    [[nodiscard]] std::vector<std::byte> contents(const std::string& name) const {
        return locked([&](simulated_state& s) {
            const disk_image& image = s.contents(s.names().at(name)).seen();
            std::vector<std::byte> bytes(static_cast<std::size_t>(image.size()));
            (void)image.read(0, bytes); // all of it
            return bytes;
        });
    }
    /// Of what is certain to survive a loss of power: names, sizes and bytes. Equal disks have equal hashes.
    [[nodiscard]] std::uint64_t hash() const {
        return locked([](const simulated_state& s) {
            disk_hash sum;
            s.add_certain(sum);
            return sum.value();
        });
    }
    /// Likewise, and of the changes that are not certain: where it is equal, so is what a loss of power can leave, and what
    /// the same loss does leave.
    [[nodiscard]] std::uint64_t hash_with_unsynced() const {
        return locked([](const simulated_state& s) {
            disk_hash sum;
            s.add_certain(sum);
            s.add_changes(sum);
            return sum.value();
        });
    }
    /// @}

    /// @name Damage
    /// Changes the medium: what reads see and what is durable. What is not yet synced comes on top of it.
    /// @{
    void overwrite(const std::string& name, std::uint64_t offset, byte_view bytes) {
        damage(name, [&](disk_image& image) {
            for (std::size_t i = 0; i < bytes.size(); ++i)
                if (offset + i < image.size())
                    image.put((offset + i) / disk_sector_size, (offset + i) % disk_sector_size, bytes.subspan(i, 1));
        });
    }
    /// Bit 0 is the lowest.
    void flip_bit(const std::string& name, std::uint64_t offset, unsigned bit) {
        damage(name, [&](disk_image& image) {
            std::byte b{};
            if (image.read(offset, {&b, 1}) == 1) {
                b ^= std::byte{1} << bit;
                image.put(offset / disk_sector_size, offset % disk_sector_size, {&b, 1});
            }
        });
    }
    /// The n-th sector of a file.
    void zero_sector(const std::string& name, std::uint64_t number) {
        overwrite(name, number * disk_sector_size, disk_image::sector{});
    }
    void truncate(const std::string& name, std::uint64_t size) {
        damage(name, [&](disk_image& image) { image.resize(size); });
    }
    /// Takes a file away, as if it had never been.
    void erase(const std::string& name) {
        locked([&](simulated_state& s) { s.erase(name); });
    }
    /// @}

private:
    friend class simulated_backend;
    friend class simulated_file;
    friend class simulated_lock;

    struct shared {
        std::mutex mutex;
        simulated_state state;
        std::function<void(const simulated_disk&)> see;
    };

    template<class F>
    std::invoke_result_t<F&, simulated_state&> locked(F&& f) const {
        const std::scoped_lock lock(shared_->mutex);
        return f(shared_->state);
    }
    // For calls that change the disk.
    template<class F>
    std::invoke_result_t<F&, simulated_state&> changing(F&& f) const {
        const std::scoped_lock lock(shared_->mutex);
        if (shared_->see && shared_->state.faults.power()) {
            const simulated_disk cut;
            simulated_state& state = cut.shared_->state;
            state = shared_->state;
            state.faults.stop_at(state.faults.changing() + 1);
            (void)f(state); // the power goes in it
            state.abandon();
            shared_->see(cut);
        }
        return f(shared_->state);
    }
    template<class F>
    void damage(const std::string& name, F&& f) {
        locked([&](simulated_state& s) { s.damaged(name).damage(f); });
    }

    std::shared_ptr<shared> shared_;
};

} // namespace tusk::inline v0
