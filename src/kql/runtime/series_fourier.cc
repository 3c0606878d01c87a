// Bodies of the discrete Fourier transform, of any length (Bluestein's way where it is no power of two).
#include <cmath>
#include <complex>

#include "kql/runtime/numbers.h"

namespace huntbook::kql::runtime {
namespace {

using Args = std::span<const Value>;
using Complex = std::complex<double>;

// In place; the length is a power of two. sign -1 forwards, +1 backwards, without the division.
void transform_power(std::vector<Complex>& x, int sign) {
  const size_t n = x.size();
  for (size_t i = 1, j = 0; i < n; ++i) {
    size_t bit = n >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) std::swap(x[i], x[j]);
  }
  for (size_t length = 2; length <= n; length <<= 1) {
    const double angle = sign * 2 * M_PI / static_cast<double>(length);
    std::vector<Complex> roots(length / 2);
    for (size_t k = 0; k < roots.size(); ++k) roots[k] = std::polar(1.0, angle * static_cast<double>(k));
    for (size_t i = 0; i < n; i += length) {
      for (size_t k = 0; k < length / 2; ++k) {
        const Complex even = x[i + k], odd = x[i + k + length / 2] * roots[k];
        x[i + k] = even + odd;
        x[i + k + length / 2] = even - odd;
      }
    }
  }
}

std::vector<Complex> transform(std::vector<Complex> x, int sign) {
  const size_t n = x.size();
  if (n == 0) return x;
  if ((n & (n - 1)) == 0) {
    transform_power(x, sign);
    return x;
  }
  size_t length = 1;
  while (length < 2 * n) length <<= 1;
  std::vector<Complex> chirp(n), a(length), b(length);
  for (size_t k = 0; k < n; ++k) {
    // k² modulo 2n keeps the angle small and exact.
    const size_t square = static_cast<size_t>((static_cast<unsigned __int128>(k) * k) % (2 * n));
    chirp[k] = std::polar(1.0, sign * M_PI * static_cast<double>(square) / static_cast<double>(n));
    a[k] = x[k] * chirp[k];
    b[k] = std::conj(chirp[k]);
    if (k) b[length - k] = b[k];
  }
  transform_power(a, -1);
  transform_power(b, -1);
  for (size_t k = 0; k < length; ++k) a[k] *= b[k];
  transform_power(a, 1);
  for (size_t k = 0; k < n; ++k) x[k] = a[k] / static_cast<double>(length) * chirp[k];
  return x;
}

// args: the real parts, the imaginary ones.
template <bool back>
void fourier(Args args, Value& out, Context& context) {
  if (args[0].null) return;
  const auto real = reals_of(args[0]);
  if (!real) return;
  std::optional<std::vector<double>> imaginary;
  if (args.size() > 1 && !args[1].null) {
    imaginary = reals_of(args[1]);
    if (!imaginary || imaginary->size() != real->size()) return;
  }
  std::vector<Complex> x(real->size());
  for (size_t i = 0; i < x.size(); ++i) x[i] = {(*real)[i], imaginary ? (*imaginary)[i] : 0};
  x = transform(std::move(x), back ? 1 : -1);
  Numbers re, im;
  const double scale = back && !x.empty() ? 1 / static_cast<double>(x.size()) : 1;
  for (const Complex& value : x) re.add(value.real() * scale), im.add(value.imag() * scale);
  set_dynamic(out, "[" + re.text() + "," + im.text() + "]", context);
}

constexpr BodyEntry kBodies[] = {{"series_fft", fourier<false>}, {"series_ifft", fourier<true>}};

}  // namespace

std::vector<double> lag_products(const std::vector<double>& x) {
  const size_t lags = x.size() / 2 + 1;
  size_t length = 1;
  while (length < x.size() + lags) length <<= 1;
  std::vector<Complex> spectrum(length);
  for (size_t i = 0; i < x.size(); ++i) spectrum[i] = x[i];
  transform_power(spectrum, -1);
  for (Complex& value : spectrum) value = std::norm(value);
  transform_power(spectrum, 1);
  std::vector<double> products(lags);
  for (size_t i = 0; i < lags; ++i) products[i] = spectrum[i].real() / static_cast<double>(length);
  return products;
}

std::span<const BodyEntry> series_fourier_bodies() { return kBodies; }

}  // namespace huntbook::kql::runtime
