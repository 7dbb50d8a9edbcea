"""Fuzzers that are ordinary tests as well."""

def dailyfeed_fuzz_test(name, srcs, deps = [], corpus = [], **kwargs):
    """A fuzzer: one .cc file with LLVMFuzzerTestOneInput.

    As an ordinary test, with any compiler, it runs once over every file of the
    corpus:

        bazel test //core/domain:text_fuzz

    With clang it is a libFuzzer binary, which searches for new inputs in a
    folder that it also reads (start with a copy of the corpus):

        bazel build --config=fuzz //core/domain:text_fuzz
        bazel-bin/core/domain/text_fuzz -max_total_time=60 FOLDER

    An input that fails goes into the corpus, with a name that says what it is.

    Args:
      name: ends with _fuzz by convention.
      srcs: the fuzzer.
      deps: what it calls.
      corpus: files, or labels of filegroups of files; at least one file.
      **kwargs: of cc_test.
    """
    native.cc_test(
        name = name,
        size = "small",
        srcs = srcs,
        args = ["$(locations %s)" % label for label in corpus],
        data = corpus,
        linkopts = select({
            "//tools/build_rules:fuzzing": ["-fsanitize=fuzzer"],
            "//conditions:default": [],
        }),
        tags = ["fuzz"],
        deps = deps + select({
            "//tools/build_rules:fuzzing": [],
            "//conditions:default": ["//tools/build_rules:corpus_main"],
        }),
        **kwargs
    )
