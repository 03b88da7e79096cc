#pragma once

#include "reference_log.hpp"

namespace damage {

/// The stories of the reference logs. Each ends with other files: what was proven, sealed, cut, repaired, made ahead.
template<class Format, class Compression>
struct shapes {
    using format_type = Format;
    using compression_type = Compression;
    using story = teller<Format, Compression>;

    static reference_log killed_with_an_unproven_tail() {
        story s("killed with an unproven tail", {.in_background = true});
        s.append(20, 1, "a");
        s.append(60);
        s.sync();
        s.batch(3, 20, 2);
        s.append();
        s.roll();
        s.append(30, 0, "", tusk::entry_kind::tombstone);
        s.sync();
        s.append(); // bears witness to the one before
        s.batch(4, 10, 3);
        s.append(50);
        return s.end();
    }
    static reference_log closed() {
        story s("closed");
        s.append(20, 1, "a");
        s.batch(3, 40, 2);
        s.cut(2);
        s.append(30);
        s.close();
        s.reopen();
        s.append(60, 4, "b");
        s.append();
        s.close();
        return s.end();
    }
    static reference_log several_segments() {
        story s("several segments", {.in_background = true});
        for (term_t t = 1; t <= 4; ++t) {
            s.append(20, t);
            s.batch(2, 30);
            s.append();
            if (t < 4)
                s.roll();
        }
        s.sync();
        s.append();
        s.append();
        return s.end();
    }
    // All that proves the first segment durable is the one frame of the second.
    static reference_log with_one_frame_behind_a_header() {
        story s("with one frame behind a header");
        s.append(20, 1);
        s.batch(2, 20);
        s.append(30, 2);
        s.roll();
        s.sync();
        s.append();
        return s.end();
    }
    static reference_log several_segments_closed() {
        story s("several segments, closed");
        for (term_t t = 1; t <= 3; ++t) {
            s.batch(9, 12, t);
            s.append(20, 0, "key");
            s.roll();
        }
        s.append();
        s.close();
        return s.end();
    }
    static reference_log history() {
        story s("cut, replaced, dropped and reset");
        s.append(20, 1);
        s.batch(4, 16, 2);
        s.cut(3);
        s.append();
        s.roll();
        s.replace(3, 2, 3);
        s.append(30, 4);
        s.drop(3);
        s.roll();
        s.cut(3);
        s.batch(3, 16, 5);
        s.reset(40, 6);
        s.append();
        s.roll();
        s.append(24, 7);
        s.drop(41);
        s.cut(40);
        s.replace(41, 3, 8);
        s.sync();
        s.append();
        s.cut(42);
        return s.end();
    }
    static reference_log repaired() {
        story s("repaired");
        s.append(20, 1);
        s.batch(2, 20);
        s.sync();
        s.append(30, 2);
        s.append(40);
        s.tear_last();
        s.kill();
        s.reopen();
        s.append(25, 3);
        s.roll();
        s.append();
        s.sync();
        s.append();
        s.append();
        s.kill();
        s.reopen(); // what nothing proved was copied
        s.append(30, 4);
        return s.end();
    }
    static reference_log with_spares() {
        story s("with spare segments", {.in_background = true, .spares = 2});
        s.append(20, 1);
        s.append(30);
        s.roll();
        s.append(30, 2);
        s.sync();
        s.append();
        return s.end();
    }
    static reference_log without_entries() {
        story s("without entries");
        return s.end();
    }
    static reference_log emptied() {
        story s("emptied");
        s.append(20, 1);
        s.batch(3, 16, 2);
        s.roll();
        s.append(20, 3);
        s.drop(6);
        s.roll();
        s.sync();
        return s.end();
    }
    static reference_log with_a_record_larger_than_a_segment() {
        story s("with a record larger than a segment");
        s.append(20, 1);
        s.append(4200, 2);
        s.append(20);
        s.sync();
        s.append(20);
        return s.end();
    }
    static reference_log salvaged() {
        story s("salvaged");
        s.append(20, 1);
        s.batch(2, 20);
        s.append(30, 2);
        s.append(20);
        s.close();
        s.lose(4);
        s.reopen(tusk::open_mode::salvage);
        s.append(30, 3);
        s.close();
        return s.end();
    }
    static reference_log aligned() {
        story s("with syncs aligned to 512", {.alignment = 512});
        s.append(20, 1);
        s.sync();
        s.batch(2, 20, 2);
        s.sync();
        s.append(20);
        s.cut(2);
        s.sync();
        s.append(30, 3);
        return s.end();
    }
};

} // namespace damage
