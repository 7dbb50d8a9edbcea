// What stands behind the public class.
#ifndef DAILYFEED_ADAPTERS_LIBRARY_INSIDE_H_
#define DAILYFEED_ADAPTERS_LIBRARY_INSIDE_H_

#include <memory>
#include <utility>

#include "adapters/embedded/dailyfeed.h"
#include "dailyfeed/feed.h"

namespace dailyfeed {

struct Feed::Inside {
  explicit Inside(std::unique_ptr<Dailyfeed> opened) : feed(std::move(opened)) {}

  const Queries& queries() const { return feed->queries(); }

  const std::unique_ptr<Dailyfeed> feed;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_ADAPTERS_LIBRARY_INSIDE_H_
