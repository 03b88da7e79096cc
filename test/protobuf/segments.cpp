#include <protobuf/segments.hpp>

#include <google/protobuf/io/zero_copy_stream_impl.h>
#include <google/protobuf/unknown_field_set.h>
#include <google/protobuf/util/delimited_message_util.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <stdexcept>

#include <tusk.pb.h>

namespace protobuf_test {

namespace {

using tusk::pb::Frame;

void require(bool condition, const char* what) {
    if (!condition)
        throw std::runtime_error(what);
}

/// The frames of a segment, up to `end` or to where nothing was written yet.
std::vector<Frame> read_segment(const std::filesystem::path& file, std::uint64_t end) {
    std::ifstream in(file, std::ios::binary);
    google::protobuf::io::IstreamInputStream stream(&in);
    std::vector<Frame> frames;
    bool at_end = false;
    Frame frame;
    while (static_cast<std::uint64_t>(stream.ByteCount()) < end &&
           google::protobuf::util::ParseDelimitedFromZeroCopyStream(&frame, &stream, &at_end) &&
           frame.type() != Frame::UNUSED) {
        require(stream.ByteCount() % 8 == 0, "a frame ends at no multiple of 8");
        require(Frame::GetReflection()->GetUnknownFields(frame).empty(), "a field that tusk.proto does not know");
        frames.push_back(frame);
        frame.Clear();
    }
    require(frame.type() == Frame::UNUSED, "not a sequence of messages");
    return frames;
}

void apply(const Frame& frame, std::vector<logged_entry>& log) {
    if (frame.has_reset())
        log.clear();
    if (frame.has_cut())
        std::erase_if(log, [&](const logged_entry& e) { return e.index > frame.cut().keep(); });
    require(frame.entries_size() == frame.records_size(), "entries without records");
    require(frame.count() == static_cast<std::uint32_t>(frame.entries_size()), "another number of entries");
    for (int i = 0; i < frame.entries_size(); ++i) {
        const auto& entry = frame.entries(i);
        const auto& record = frame.records(i);
        require(entry.key_size() == record.key().size() && entry.data_size() == record.data().size(), "other sizes");
        log.push_back({frame.first_index() + static_cast<std::uint64_t>(i), entry.term(), entry.time(), entry.kind(),
                       record.key(), record.data()});
    }
}

} // namespace

std::vector<logged_entry> read_log(const std::filesystem::path& directory) {
    std::map<std::uint64_t, std::filesystem::path> files; // by number
    for (const auto& file : std::filesystem::directory_iterator(directory))
        if (file.path().extension() == ".wal")
            files[std::stoull(file.path().stem().string())] = file.path();
    std::map<std::uint64_t, std::uint64_t> ends; // told by the segments that follow
    for (const auto& [number, file] : files)
        if (const std::vector<Frame> frames = read_segment(file, 1); !frames.empty())
            ends[frames.front().header().previous()] = frames.front().header().previous_end();
    std::vector<logged_entry> log;
    for (const auto& [number, file] : files) {
        const std::vector<Frame> frames = read_segment(file, ends.contains(number) ? ends[number] : UINT64_MAX);
        if (frames.empty())
            continue; // made ahead
        require(frames.front().type() == Frame::HEADER, "no header");
        require(frames.front().header().magic() == "TUSKWAL\n", "no magic");
        require(frames.front().header().segment() == number, "a header of another segment");
        for (const Frame& frame : frames)
            apply(frame, log);
    }
    return log;
}

} // namespace protobuf_test
