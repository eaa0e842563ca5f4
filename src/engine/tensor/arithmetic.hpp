#pragma once

#include <string>

namespace crosstalk::tensor {

/// What decides the last bits of a run's numbers on this machine, as 16 hexadecimal digits: a digest of the
/// results of a few products, convolutions, sums and functions on fixed inputs. MKL, oneDNN and the C library
/// choose their code by the processor's make and by variables of theirs (MKL_CBWR, ONEDNN_MAX_CPU_ISA), and
/// the instruction set that ATen reports stays the same then. Two machines with equal digits may still differ
/// somewhere; with other digits they do differ. Takes some milliseconds, on one thread whatever the setting,
/// which it leaves as it was.
std::string arithmetic();

}  // namespace crosstalk::tensor
