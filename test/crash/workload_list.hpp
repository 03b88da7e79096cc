#pragma once

#include "workload.hpp"

namespace crash {

/// A short life of a log, told in verbs. False if the power went on the way.
template<class Log>
struct workload {
    const char* name;
    bool (*tell)(story<Log>&);
};

inline const std::string large(6000, 'L'); // more than a segment of the test holds
inline const std::string medium(700, 'm');

/// What is cut at every call. Each reaches the edges that others do not: rolls, cuts over segments, resets, drops.
template<class Log>
const std::vector<workload<Log>>& workloads() {
    using S = story<Log>;
    static const std::vector<workload<Log>> all{
        {"appends, a sync and a close",
         [](S& s) {
             return s.append("a") && s.append("b", 2) && s.sync() && s.batch(3, "c") && s.append("d") && s.close();
         }},
        {"batches over several segments",
         [](S& s) {
             return s.batch(4, medium) && s.batch(4, medium) && s.batch(4, medium) && s.append("e") && s.sync() &&
                    s.batch(5, medium) && s.append("f");
         }},
        {"a record larger than a segment",
         [](S& s) { return s.append("a") && s.append(large) && s.append("b") && s.sync() && s.append(large); }},
        {"truncate within a segment and at its edge",
         [](S& s) {
             return s.batch(3, "a") && s.truncate(2) && s.append("b", 4) && s.roll() && s.batch(2, "c") &&
                    s.truncate(3) && s.append("d") && s.truncate(0) && s.append("e", 9);
         }},
        {"truncate over several segments",
         [](S& s) {
             return s.batch(4, medium) && s.batch(4, medium) && s.batch(4, medium) && s.truncate(2) &&
                    s.append("x", 3) && s.sync() && s.append("y");
         }},
        {"replace",
         [](S& s) {
             return s.batch(4, "a") && s.sync() && s.replace(3, 3, "b", 5) && s.replace(1, 1, "c", 5) &&
                    s.append("d") && s.replace(3, 2, medium, 7);
         }},
        {"drop from the front",
         [](S& s) {
             return s.batch(4, medium) && s.batch(4, medium) && s.drop(3) && s.batch(4, medium) && s.drop(10) &&
                    s.append("x") && s.drop(14) && s.append("y");
         }},
        {"drop everything, then go on",
         [](S& s) {
             return s.batch(4, medium) && s.roll() && s.append("a", 3) && s.drop(6) && s.append("b") && s.truncate(5) &&
                    s.append("c", 4);
         }},
        {"drop, then cut to nothing",
         [](S& s) {
             return s.batch(5, "a") && s.drop(3) && s.truncate(2) && s.sync() && s.append("b", 6) && s.roll() &&
                    s.append("c");
         }},
        {"reset forward",
         [](S& s) {
             return s.batch(4, medium) && s.batch(4, medium) && s.reset(100, 7) && s.append("a") && s.roll() &&
                    s.append("b", 8) && s.drop(101);
         }},
        {"reset backward",
         [](S& s) {
             return s.batch(6, medium) && s.drop(4) && s.reset(2, 1) && s.batch(2, "a") && s.truncate(2) &&
                    s.append("b") && s.close();
         }},
        {"rolls with nothing between",
         [](S& s) {
             return s.append("a") && s.roll() && s.roll() && s.append("b") && s.roll() && s.truncate(1) && s.roll() &&
                    s.append("c") && s.close();
         }},
        {"a long tail that nobody syncs",
         [](S& s) {
             for (int i = 0; i < 12; ++i)
                 if (!s.append(medium))
                     return false;
             return s.truncate(5) && s.append("x", 2) && s.append(medium) && s.append("y");
         }},
        {"what is submitted, and waited for or not",
         [](S& s) {
             return s.submit(2, "a") && s.submit(1, medium) && s.append("b", 2) && s.submit(3, medium) && s.wait() &&
                    s.submit(4, medium) && s.truncate(6) && s.wait() && s.submit(1, "c") && s.sync() &&
                    s.submit(2, "d");
         }},
        {"transactions",
         [](S& s) {
             return s.transaction(3, "a") && s.transaction(2, "b", /*commits=*/false) && s.append("c", 2) &&
                    s.transaction(4, medium) && s.transaction(4, medium) && s.sync() && s.transaction(1, large);
         }},
        {"three lives",
         [](S& s) {
             return s.batch(4, medium) && s.batch(3, medium) && s.reopen() && s.append("a", 3) && s.batch(4, medium) &&
                    s.truncate(6) && s.reopen() && s.append("b") && s.sync() && s.append("c");
         }},
        {"lives whose beginning is dropped",
         [](S& s) {
             return s.append("a") && s.reopen() && s.append("b") && s.roll() && s.append("c") && s.drop(3) &&
                    s.append("d") && s.reopen() && s.roll() && s.drop(5) && s.append("e") && s.drop(6) && s.append("f");
         }},
        {"lives that are reset",
         [](S& s) {
             return s.batch(5, medium) && s.reset(50, 4) && s.reopen() && s.append("a") && s.reset(7, 4) &&
                    s.append("b") && s.reopen() && s.append("c") && s.truncate(6) && s.append("d");
         }},
    };
    return all;
}

} // namespace crash
