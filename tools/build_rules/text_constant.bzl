"""A text file as a constant of the program."""

def text_constant(name, text, header, namespace, constant):
    """The source NAME.cc, which defines `const std::string_view` CONSTANT.

    Args:
      name: of the source, without .cc; name it in the srcs of the library.
      text: the file.
      header: declares `extern const std::string_view` CONSTANT.
      namespace: of the constant.
      constant: its name.
    """
    native.genrule(
        name = name,
        srcs = [text],
        outs = [name + ".cc"],
        cmd = """{
          echo '#include "%s"'
          echo 'namespace %s {'
          printf '%%s' 'const std::string_view %s = R"text_constant('
          cat $<
          echo ')text_constant";'
          echo '}'
        } > $@""" % (header, namespace, constant),
    )
