#pragma once

#include <tusk/concept/backend.hpp>
#include <tusk/concept/compression.hpp>
#include <tusk/concept/format.hpp>
#include <tusk/concept/fsync_policy.hpp>

namespace tusk::inline v0 {

/// A Format whose frames are aligned to a power of two, and whose smallest pad frame keeps to that.
template<class F>
concept aligned_format =
    format<F> && F::alignment != 0 && (F::alignment & (F::alignment - 1)) == 0 && F::min_pad % F::alignment == 0;

/// A Compression that can read what it writes, with each of its codecs.
template<class C>
concept reads_what_it_writes =
    compression<C> && (C::id == 0 || C::reads(C::id)) && (!compression_choice<C> || reads_each_codec_it_writes<C>());

/// Four policies that make a log together. What is refused is refused by the name of the concept that fails.
template<class Format, class FsyncPolicy, class Backend, class Compression>
concept usable_policies =
    aligned_format<Format> && fsync_policy<FsyncPolicy> && backend<Backend> && reads_what_it_writes<Compression>;

} // namespace tusk::inline v0
