// Suppressions of the sanitizers, each with its reason. Only for libraries of
// the system; never for code of this project.
#if defined(__SANITIZE_THREAD__)

extern "C" const char* __tsan_default_suppressions();

extern "C" const char* __tsan_default_suppressions() {
  return
      // Debian's RocksDB is not built with ThreadSanitizer: the atomics that
      // publish memtable entries and options are invisible to it, the memcpy
      // and memcmp around them are not. This hides what RocksDB calls of ours
      // too, so those parts have tests without RocksDB between; narrower
      // suppressions were tried: docs/decisions/0029-databases-beside-each-other.md.
      "race:librocksdb.so\n"
      // Nor is Debian's Abseil: the reference count that a status shares with its
      // copies on other threads is an atomic inside it.
      "race:libabsl_status.so\n"
      "race:libabsl_cord.so\n"
      // Nor libvips and what it works with: its own threads hand pictures to each
      // other under locks of glib that ThreadSanitizer does not see. Not "race:":
      // there are thousands of reports, and each would be made before it is dropped.
      "called_from_lib:libvips.so\n"
      "called_from_lib:libglib-2.0.so\n"
      "called_from_lib:libgobject-2.0.so\n"
      "called_from_lib:libgio-2.0.so\n"
      "called_from_lib:libjpeg.so\n"
      "called_from_lib:libpng16.so\n"
      "called_from_lib:libwebp.so\n"
      "called_from_lib:libwebpmux.so\n"
      "called_from_lib:libwebpdemux.so\n"
      "called_from_lib:libcgif.so\n"
      "called_from_lib:liborc-0.4.so\n"
      "called_from_lib:libimagequant.so\n"
      "called_from_lib:libz.so\n";
}

#endif

#if defined(__SANITIZE_ADDRESS__)

extern "C" const char* __lsan_default_suppressions();

extern "C" const char* __lsan_default_suppressions() {
  // Debian's RocksDB 7.8 sometimes loses the memtable it makes in there (4 KB) when
  // the disk fails meanwhile: seen once, in the test of a power loss. The store
  // takes no writes after that, so it cannot add up.
  return "leak:rocksdb::DBImpl::SwitchMemtable\n";
}

#endif
