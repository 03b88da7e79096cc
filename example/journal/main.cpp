// Journals a file, line by line, in a process that is killed again and again, and shows that the log and the file agree.
#include "crash_run.hpp"
#include "failure.hpp"
#include "temporary_directory.hpp"

#include <tusk/core/options.hpp>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <map>
#include <optional>

namespace {

enum exit_code : int { agrees = 0, differs = 1, failed = 2 };

struct arguments {
    std::string file;
    std::string directory;
    unsigned kills = 5;
    std::string fsync = "always";
    std::uint64_t segment_size = 64 * tusk::kibibyte;
    bool keep = false;
};

const std::map<std::string, fsync_choice> fsync_choices{
    {"always", fsync_choice::always}, {"interval", fsync_choice::interval}, {"never", fsync_choice::never}};

void describe(CLI::App& app, arguments& given) {
    app.add_option("file", given.file, "The file, any regular one [default: one that most Debian machines have]");
    app.add_option("--dir", given.directory,
                   "The log's directory. If there is a log of the file already, it is continued [default: a new one in "
                   "TMPDIR, removed at the end]");
    app.add_option("--kills", given.kills, "How often the process that writes is killed")->capture_default_str();
    app.add_option("--fsync", given.fsync, "When appends are synced")
        ->capture_default_str()
        ->check(CLI::IsMember(&fsync_choices));
    app.add_option("--segment-size", given.segment_size, "Bytes of a segment, such as 64K or 1M")
        ->capture_default_str()
        ->transform(CLI::AsSizeValue(/*kb_is_1000=*/false));
    app.add_flag("--keep", given.keep, "Keeps the new directory in TMPDIR");
    app.footer("Exit codes: 0 the log and the file agree, 1 they do not, 2 something else went wrong.");
}

void journal_file(const arguments& given) {
    const std::filesystem::path file = given.file.empty() ? default_file() : std::filesystem::path(given.file);
    const text_lines text(file);

    std::optional<temporary_directory> temporary;
    if (given.directory.empty())
        temporary.emplace();
    const journal where{.directory = temporary ? temporary->path() : given.directory,
                        .fsync = fsync_choices.at(given.fsync),
                        .segment_size = given.segment_size};
    if (temporary && given.keep)
        temporary->keep();

    fmt::print("{}: {} lines, {} bytes, into {}\n", file.string(), text.count(), text.bytes().size(), where.directory);
    progress shown(text.count());
    try {
        const crash_run run = journal_with_crashes(where, text, given.kills, shown);
        if (run.kills < given.kills)
            shown.say(fmt::format("the file came to its end before {} more kills", given.kills - run.kills));
        shown.say(fmt::format("the log and the file agree: {} lines, {} bytes, {} segments, {} kills", run.held.lines,
                              run.held.bytes, run.held.segments, run.kills));
    } catch (const disagreement&) {
        if (temporary)
            temporary->keep(); // for whoever wants to know why
        throw;
    }
}

} // namespace

int main(int count, char** values) {
    CLI::App app("Journals a file line by line into a log, by a process that is killed with SIGKILL at random moments "
                 "and goes on where the log says, and compares the two byte by byte.");
    arguments given;
    try {
        describe(app, given);
        app.parse(count, values);
        journal_file(given);
        return agrees;
    } catch (const CLI::ParseError& said) {
        return app.exit(said) == 0 ? agrees : failed;
    } catch (const disagreement& found) {
        fmt::print(stderr, "journal: {}\n", found.what());
        return differs;
    } catch (const std::exception& why) {
        fmt::print(stderr, "journal: {}\n", why.what());
        return failed;
    }
}
