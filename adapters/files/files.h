// What everybody needs who keeps files of their own: directories, and the
// errors of the system in words.
//
//   RETURN_IF_ERROR(MakeDirectory(path));
//   RETURN_IF_ERROR(SyncDirectory(parent));   // now the name is on disk
//
// Threads: from any.
#ifndef DAILYFEED_ADAPTERS_FILES_FILES_H_
#define DAILYFEED_ADAPTERS_FILES_FILES_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace dailyfeed {

// "cannot open /a/b: Permission denied" for an errno:
//   PERMISSION_DENIED   may not, or a file system for reading only
//   NOT_FOUND           it, or what it should be in, is not there
//   INVALID_ARGUMENT    no such path can be
//   RESOURCE_EXHAUSTED  the disk or the quota is full
//   UNAVAILABLE         everything else
absl::Status FileError(int error, std::string_view doing, const std::string& path);

// For its owner only. OK when something of that name is there.
absl::Status MakeDirectory(const std::string& path);

// A name is on disk only when the directory that has it is.
absl::Status SyncDirectory(const std::string& path);

}  // namespace dailyfeed

#endif  // DAILYFEED_ADAPTERS_FILES_FILES_H_
