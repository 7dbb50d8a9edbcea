// What keeps its order on a topic, and the partition that keeps it.
#ifndef DAILYFEED_ADAPTERS_KAFKA_MESSAGES_ORDER_KEY_H_
#define DAILYFEED_ADAPTERS_KAFKA_MESSAGES_ORDER_KEY_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "core/domain/events.pb.h"

namespace dailyfeed::kafka {

// "post/41" for a post, its comments, replies and their likes; else "member/7"
// of the member who acted; of a follow, the follower.
std::string OrderKeyOf(const v1::Event& event);

// murmur2 of the key, made positive, modulo `partitions` (at least 1): what the
// Java client does with a record key.
int PartitionOf(std::string_view order_key, int partitions);
uint32_t Murmur2(std::string_view bytes);

}  // namespace dailyfeed::kafka

#endif  // DAILYFEED_ADAPTERS_KAFKA_MESSAGES_ORDER_KEY_H_
