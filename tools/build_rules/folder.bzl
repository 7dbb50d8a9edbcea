"""A folder is one library, its tests, its fuzzers."""

NOT_OF_THE_LIBRARY = ["*_test.cc", "*_fuzz.cc", "*_benchmark.cc"]

def folder_library(name, hdrs, exclude = [], srcs = [], **kwargs):
    """The sources of the folder as one library.

    Args:
      name: the folder's.
      hdrs: the headers that other folders may include. The other headers are
        the folder's own; tools/tidy_rules.py holds everybody to it.
      exclude: sources that belong to another target of this folder.
      srcs: generated sources.
      **kwargs: of cc_library.
    """
    native.cc_library(
        name = name,
        srcs = native.glob(["*.cc", "*.h"], exclude = hdrs + exclude + NOT_OF_THE_LIBRARY) + srcs,
        hdrs = hdrs,
        **kwargs
    )

def folder_tests(deps, sizes = {}, slow = {}, exclude = []):
    """One test for every *_test.cc of the folder; small unless `sizes` says otherwise.

    Args:
      deps: of all of them; googletest is added.
      sizes: {"x_test": "medium"}.
      slow: {"x_test": {"size": "large", "shard_count": 4}}: x_slow_test, the same
        source with DAILYFEED_SLOW_TEST defined, which runs with --config=slow only.
      exclude: sources whose tests the folder declares itself.
    """
    for source in native.glob(["*_test.cc"], exclude = exclude):
        name = source[:-len(".cc")]
        native.cc_test(
            name = name,
            size = sizes.get(name, "small"),
            srcs = [source],
            deps = deps + ["@debian//:gtest_main"],
        )
        if name in slow:
            native.cc_test(
                name = name[:-len("_test")] + "_slow_test",
                srcs = [source],
                local_defines = ["DAILYFEED_SLOW_TEST"],
                tags = ["slow"],
                deps = deps + ["@debian//:gtest_main"],
                **slow[name]
            )
