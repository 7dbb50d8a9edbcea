// The pool that passwords are hashed on; see adapters/work/worker_pool.h.
#ifndef DAILYFEED_ADAPTERS_IDENTITY_PASSWORDS_H_
#define DAILYFEED_ADAPTERS_IDENTITY_PASSWORDS_H_

#include "adapters/work/worker_pool.h"

namespace dailyfeed {

using AsyncPasswords = WorkerPool;

}  // namespace dailyfeed

#endif  // DAILYFEED_ADAPTERS_IDENTITY_PASSWORDS_H_
