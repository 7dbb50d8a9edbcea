// Early returns for absl::Status and absl::StatusOr.
//
//   RETURN_IF_ERROR(store.Write(batch));
//   ASSIGN_OR_RETURN(std::string bytes, ReadFile(path));
#ifndef DAILYFEED_CORE_BASE_STATUS_MACROS_H_
#define DAILYFEED_CORE_BASE_STATUS_MACROS_H_

#include <utility>

#define RETURN_IF_ERROR(expression)                                 \
  do {                                                              \
    if (auto status_ = (expression); !status_.ok()) return status_; \
  } while (false)

#define DAILYFEED_CONCAT_INNER(a, b) a##b
#define DAILYFEED_CONCAT(a, b) DAILYFEED_CONCAT_INNER(a, b)
#define ASSIGN_OR_RETURN(target, expression) \
  DAILYFEED_ASSIGN_OR_RETURN(DAILYFEED_CONCAT(status_or_, __LINE__), target, expression)
#define DAILYFEED_ASSIGN_OR_RETURN(holder, target, expression) \
  auto holder = (expression);                                  \
  if (!holder.ok()) return std::move(holder).status();         \
  target = *std::move(holder)

#endif  // DAILYFEED_CORE_BASE_STATUS_MACROS_H_
