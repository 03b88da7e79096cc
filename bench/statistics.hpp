#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace bench {

/// Of an odd number of values the one in the middle, else the mean of the two there. There must be one.
inline double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    const std::size_t half = values.size() / 2;
    return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

/// The distance from the smallest to the largest value, in per cent of the median.
inline double spread(const std::vector<double>& values) {
    const auto [least, most] = std::minmax_element(values.begin(), values.end());
    return 100 * (*most - *least) / median(values);
}

} // namespace bench
