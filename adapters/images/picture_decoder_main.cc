// A program that decodes pictures and nothing else, for picture_decoders_test.
#include "adapters/images/picture_decoders.h"

int main() { return dailyfeed::RunPictureDecoder(); }
