#include <tusk/core/job_queue.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <random>
#include <set>

using namespace tusk;

namespace core_job_queue {

steady_time at(int time) { return steady_time(std::chrono::seconds(time)); }

/// The jobs in the order in which the queue gives them.
std::vector<job*> drain(job_queue& queue) {
    std::vector<job*> order;
    while (!queue.empty()) {
        order.push_back(&queue.first());
        queue.remove(queue.first());
    }
    return order;
}

} // namespace core_job_queue

BOOST_AUTO_TEST_SUITE(core_job_queue)

BOOST_AUTO_TEST_CASE(gives_the_one_that_is_due_first) {
    job_queue queue;
    queue.make_room(3);
    job a, b, c;
    queue.put(a, at(3));
    queue.put(b, at(1));
    queue.put(c, at(2));
    BOOST_TEST((drain(queue) == std::vector<job*>{&b, &c, &a}));
}

BOOST_AUTO_TEST_CASE(moves_a_job_whose_time_has_changed) {
    job_queue queue;
    queue.make_room(3);
    job a, b, c;
    queue.put(a, at(1));
    queue.put(b, at(2));
    queue.put(c, at(3));
    queue.put(a, at(4));
    queue.put(c, at(0));
    BOOST_TEST((drain(queue) == std::vector<job*>{&c, &b, &a}));
}

BOOST_AUTO_TEST_CASE(a_job_knows_if_it_is_queued) {
    job_queue queue;
    queue.make_room(1);
    job a;
    BOOST_TEST(!a.queued());
    queue.remove(a);
    queue.put(a, at(1));
    BOOST_TEST(a.queued());
    queue.remove(a);
    BOOST_TEST(!a.queued());
    BOOST_TEST(queue.empty());
}

BOOST_AUTO_TEST_CASE(stays_in_order_whatever_is_done_to_it) {
    std::mt19937 random(1);
    std::vector<job> jobs(60);
    job_queue queue;
    queue.make_room(jobs.size());
    const auto earlier = [](const job* a, const job* b) { return a->due < b->due; };
    for (int i = 0; i < 20000; ++i) {
        job& j = jobs[random() % jobs.size()];
        if (random() % 3 == 0)
            queue.remove(j);
        else
            queue.put(j, at(static_cast<int>(random() % 100)));
        std::vector<job*> queued;
        for (job& each : jobs)
            if (each.queued())
                queued.push_back(&each);
        BOOST_REQUIRE(queue.empty() == queued.empty());
        if (!queued.empty())
            BOOST_REQUIRE((queue.first().due == (*std::min_element(queued.begin(), queued.end(), earlier))->due));
    }
    const std::vector<job*> order = drain(queue);
    BOOST_TEST(std::is_sorted(order.begin(), order.end(), earlier));
}

BOOST_AUTO_TEST_SUITE_END()
