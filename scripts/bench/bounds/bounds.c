// What this machine can do at best: bytes a second that threads read over and over from memory, each its share, in huge pages
// where the kernel gives them; and products of bytes a second, added in registers. bounds BYTES THREADS prints JSON.
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

enum { HUGE = 2 << 20, ROUNDS = 12, MOST_THREADS = 256 };
static size_t share;
static pthread_barrier_t together;
static volatile int64_t kept;

static double seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec + now.tv_nsec * 1e-9;
}

static int64_t read_all(const char *bytes) {
  typedef int64_t lanes __attribute__((vector_size(64)));
  const lanes *from = (const lanes *)bytes;
  lanes a = {0}, b = {0}, c = {0}, d = {0};
  for (size_t i = 0; i < share / 64; i += 4) {
    a += from[i];
    b += from[i + 1];
    c += from[i + 2];
    d += from[i + 3];
  }
  a += b + c + d;
  int64_t sum = 0;
  for (int i = 0; i < 8; i++) sum += a[i];
  return sum;
}

// Multiplications and additions of bytes: two operations each.
#if defined(__AMX_INT8__)
static const char *kind = "AMX";
static double multiply(void) {
  if (syscall(SYS_arch_prctl, 0x1023, 18)) return 0;
  struct { uint8_t palette, start, reserved[14]; uint16_t columns[16]; uint8_t rows[16]; } shape = {.palette = 1};
  for (int i = 0; i < 8; i++) shape.columns[i] = 64, shape.rows[i] = 16;
  // GCC 12 takes it to read eight bytes only, and leaves out the stores of the others.
  __asm__ volatile("" : : "r"(&shape) : "memory");
  _tile_loadconfig(&shape);
  const int turns = 200000;
  _tile_zero(0);
  _tile_zero(1);
  _tile_zero(2);
  _tile_zero(3);
  _tile_zero(4);
  _tile_zero(5);
  _tile_zero(6);
  _tile_zero(7);
  for (int i = 0; i < turns; i++) {
    _tile_dpbusd(0, 4, 6);
    _tile_dpbusd(1, 4, 7);
    _tile_dpbusd(2, 5, 6);
    _tile_dpbusd(3, 5, 7);
  }
  _tile_release();
  return 2.0 * turns * 4 * 16 * 16 * 64;
}
#elif defined(__AVX512VNNI__)
static const char *kind = "AVX-512 VNNI";
static double multiply(void) {
  const int turns = 2000000;
  __m512i sums[12], x = _mm512_set1_epi8(1), y = _mm512_set1_epi8(2);
  for (int k = 0; k < 12; k++) sums[k] = _mm512_setzero_si512();
  for (int i = 0; i < turns; i++) {
#pragma GCC unroll 12
    for (int k = 0; k < 12; k++) sums[k] = _mm512_dpbusd_epi32(sums[k], x, y);
    __asm__ volatile("" : "+v"(x), "+v"(y));
  }
  for (int k = 0; k < 12; k++) kept += _mm512_reduce_add_epi32(sums[k]);
  return 2.0 * turns * 12 * 64;
}
#elif defined(__AVX2__)
static const char *kind = "AVX2";
static double multiply(void) {
  const int turns = 1000000;
  __m256i sums[6], x[6], y = _mm256_set1_epi8(2), ones = _mm256_set1_epi16(1);
  for (int k = 0; k < 6; k++) sums[k] = _mm256_setzero_si256(), x[k] = _mm256_set1_epi8(1);
  for (int i = 0; i < turns; i++) {
    // Products of bytes become pairs of 16 bits, then 32: three instructions where VNNI has one.
#pragma GCC unroll 6
    for (int k = 0; k < 6; k++) {
      sums[k] = _mm256_add_epi32(sums[k], _mm256_madd_epi16(_mm256_maddubs_epi16(x[k], y), ones));
      __asm__ volatile("" : "+v"(x[k]));
    }
  }
  for (int k = 0; k < 6; k++) kept += _mm256_extract_epi32(sums[k], 0);
  return 2.0 * turns * 6 * 32;
}
#else
static const char *kind = "none";
static double multiply(void) { return 0; }
#endif

struct result { double operations, read_seconds, multiply_seconds; };

static void *work(void *given) {
  struct result *result = given;
  char *room = mmap(NULL, share + HUGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (room == MAP_FAILED) exit(1);
  char *bytes = (char *)(((uintptr_t)room + HUGE - 1) & ~(uintptr_t)(HUGE - 1));
  madvise(bytes, share, MADV_HUGEPAGE);
  memset(bytes, 1, share);
  result->read_seconds = result->multiply_seconds = 1e9;
  for (int round = 0; round < ROUNDS; round++) {
    pthread_barrier_wait(&together);
    double begun = seconds();
    kept += read_all(bytes);
    // Until the last has read its share.
    pthread_barrier_wait(&together);
    double took = seconds() - begun;
    if (took < result->read_seconds) result->read_seconds = took;
    begun = seconds();
    result->operations = multiply();
    pthread_barrier_wait(&together);
    took = seconds() - begun;
    if (took < result->multiply_seconds) result->multiply_seconds = took;
  }
  return NULL;
}

int main(int count, char **given) {
  int threads = count == 3 ? atoi(given[2]) : 0;
  if (threads < 1 || threads > MOST_THREADS) return fputs("Expected BYTES THREADS.\n", stderr), 2;
  share = strtoull(given[1], NULL, 10) / threads / 256 * 256;
  static pthread_t running[MOST_THREADS];
  static struct result results[MOST_THREADS];
  pthread_barrier_init(&together, NULL, threads);
  for (int i = 0; i < threads; i++) pthread_create(&running[i], NULL, work, &results[i]);
  for (int i = 0; i < threads; i++) pthread_join(running[i], NULL);
  printf("{\"bytesPerSecond\": %.0f, \"operationsPerSecond\": %.0f, \"kind\": \"%s\"}\n",
         share * threads / results[0].read_seconds, results[0].operations * threads / results[0].multiply_seconds, kind);
  return 0;
}
