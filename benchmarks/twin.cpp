// The kernel of the engine once more, in C++: the same records, the same order of operations.
//
// It answers one question, what the detour through Python and numba costs. So it is translated
// function by function from riskengine/kernel (whose docstrings give the reasons, and whose names
// it keeps) and reads and writes the very arrays of the engine. Sums and products stand in the same
// order and are not contracted, so that both yield the same bits. `records.hpp` is written by
// `twin.py` from the record types of the engine: a field that is renamed there stops the compiler.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <vector>

// An array of numpy as `twin.py` hands it over: contiguous, unused lengths are 1.
template <class T> struct Array {
    T *data;
    std::int64_t length[3];
    std::int64_t size() const { return length[0]; }
    T &operator[](std::int64_t i) const { return data[i]; }
    T *at(std::int64_t i) const { return data + i * length[1]; }
    T *at(std::int64_t i, std::int64_t j) const { return data + (i * length[1] + j) * length[2]; }
    T *at(std::int64_t i, std::int64_t j, std::int64_t k) const { return at(i, j) + k; }
};

#include "records.hpp"

namespace {

using std::int64_t;
using std::uint64_t;

constexpr double INF = std::numeric_limits<double>::infinity();
constexpr double NOT_A_NUMBER = std::numeric_limits<double>::quiet_NaN();
constexpr double NOTHING = 1e-12;

// As Python compares: the first argument unless the second is strictly smaller (larger).
inline double least(double a, double b) { return b < a ? b : a; }
inline double most(double a, double b) { return b > a ? b : a; }

// ------------------------------------------------------------------ arithmetic.py

constexpr double LN2_HIGH = 6.93147180369123816490e-01;
constexpr double LN2_LOW = 1.90821492927058770002e-10;
constexpr uint64_t MANTISSA = 0x000FFFFFFFFFFFFF;
constexpr uint64_t ONE = 0x3FF0000000000000;
constexpr double SQRT_2 = 1.4142135623730951;
constexpr double SQRT_HALF = 0.7071067811865476;
constexpr double INVERSE_SQRT_PI = 0.5641895835477563;

inline uint64_t bits_of(double x) {
    uint64_t bits;
    std::memcpy(&bits, &x, sizeof bits);
    return bits;
}

inline double of_bits(uint64_t bits) {
    double x;
    std::memcpy(&x, &bits, sizeof x);
    return x;
}

inline int64_t exponent_of(uint64_t bits) { return (static_cast<int64_t>(bits) >> 52) - 1023; }

inline double mantissa_of(uint64_t bits) { return of_bits((bits & MANTISSA) | ONE); }

inline double cubic(double x, double c0, double c1, double c2, double c3) {
    return (c0 + c1 * x) + (c2 + c3 * x) * (x * x);
}

inline double septic(double x, double c0, double c1, double c2, double c3, double c4, double c5,
                     double c6, double c7) {
    double fourth = (x * x) * (x * x);
    return cubic(x, c0, c1, c2, c3) + cubic(x, c4, c5, c6, c7) * fourth;
}

inline double atanh_series(double s) {
    double z = s * s;
    double eighth = (z * z) * (z * z);
    eighth *= eighth;
    double tail = septic(z, 1.0 / 3.0, 1.0 / 5.0, 1.0 / 7.0, 1.0 / 9.0, 1.0 / 11.0, 1.0 / 13.0,
                         1.0 / 15.0, 1.0 / 17.0);
    tail += (1.0 / 19.0 + z * (1.0 / 21.0)) * eighth;
    return 2.0 * s * z * tail;
}

inline double log_of(double x) {
    uint64_t bits = bits_of(x);
    double exponent = static_cast<double>(exponent_of(bits));
    double mantissa = mantissa_of(bits);
    if (mantissa > SQRT_2) {
        mantissa *= 0.5;
        exponent += 1.0;
    }
    double s = (mantissa - 1.0) / (mantissa + 1.0);
    return exponent * LN2_HIGH + (2.0 * s + (atanh_series(s) + exponent * LN2_LOW));
}

inline double minus_log_complement(double u) {
    if (u > 0.25)
        return -log_of(1.0 - u);
    double s = u / (2.0 - u);
    return 2.0 * s + atanh_series(s);
}

inline double exp_of(double x) {
    if (x > 709.7)
        return INF;
    if (x < -708.0)
        return 0.0;
    double n = std::floor(x * 1.4426950408889634 + 0.5);
    double r = (x - n * LN2_HIGH) - n * LN2_LOW;
    double eighth = (r * r) * (r * r);
    eighth *= eighth;
    double tail = septic(r, 0.5, 1.0 / 6.0, 1.0 / 24.0, 1.0 / 120.0, 1.0 / 720.0, 1.0 / 5040.0,
                         1.0 / 40320.0, 1.0 / 362880.0);
    tail += cubic(r, 1.0 / 3628800.0, 1.0 / 39916800.0, 1.0 / 479001600.0, 1.0 / 6227020800.0) *
            eighth;
    double scale = of_bits(static_cast<uint64_t>(static_cast<int64_t>(n) + 1023) << 52);
    return scale * (1.0 + (r + r * r * tail));
}

inline double power(double x, double y) { return exp_of(y * log_of(x)); }

inline double middle_ratio(double r) {
    double top = septic(r, 3.3871328727963666080e0, 1.3314166789178437745e2, 1.9715909503065514427e3,
                        1.3731693765509461125e4, 4.5921953931549871457e4, 6.7265770927008700853e4,
                        3.3430575583588128105e4, 2.5090809287301226727e3);
    double low = septic(r, 1.0, 4.2313330701600911252e1, 6.8718700749205790830e2,
                        5.3941960214247511077e3, 2.1213794301586595867e4, 3.9307895800092710610e4,
                        2.8729085735721942674e4, 5.2264952788528545610e3);
    return top / low;
}

inline double near_tail(double r) {
    double top = septic(r, 1.42343711074968357734e0, 4.63033784615654529590e0,
                        5.76949722146069140550e0, 3.64784832476320460504e0, 1.27045825245236838258e0,
                        2.41780725177450611770e-1, 2.27238449892691845833e-2,
                        7.74545014278341407640e-4);
    double low = septic(r, 1.0, 2.05319162663775882187e0, 1.67638483018380384940e0,
                        6.89767334985100004550e-1, 1.48103976427480074590e-1,
                        1.51986665636164571966e-2, 5.47593808499534494600e-4,
                        1.05075007164441684324e-9);
    return top / low;
}

inline double far_tail(double r) {
    double top = septic(r, 6.65790464350110377720e0, 5.46378491116411436990e0,
                        1.78482653991729133580e0, 2.96560571828504891230e-1,
                        2.65321895265761230930e-2, 1.24266094738807843860e-3,
                        2.71155556874348757815e-5, 2.01033439929228813265e-7);
    double low = septic(r, 1.0, 5.99832206555887937690e-1, 1.36929880922735805310e-1,
                        1.48753612908506148525e-2, 7.86869131145613259100e-4,
                        1.84631831751005468180e-5, 1.42151175831644588870e-7,
                        2.04426310338993978564e-15);
    return top / low;
}

inline double normal_quantile(double p) {
    double q = p - 0.5;
    if (std::fabs(q) <= 0.425)
        return q * middle_ratio(0.180625 - q * q);
    double r = std::sqrt(-log_of(q < 0.0 ? p : 1.0 - p));
    double z = r <= 5.0 ? near_tail(r - 1.6) : far_tail(r - 5.0);
    return q < 0.0 ? -z : z;
}

inline double erfc_of_positive(double y) {
    if (y > 26.5)
        return 0.0;
    double ratio;
    if (y <= 4.0) {
        double eighth = (y * y) * (y * y);
        eighth *= eighth;
        double top = 2.15311535474403846343e-8 * eighth +
                     septic(y, 1.23033935479799725272e3, 2.05107837782607146532e3,
                            1.71204761263407058314e3, 8.81952221241769090411e2,
                            2.98635138197400131132e2, 6.61191906371416294775e1,
                            8.88314979438837594118e0, 5.64188496988670089180e-1);
        double low = eighth + septic(y, 1.23033935480374942043e3, 3.43936767414372163696e3,
                                     4.36261909014324715820e3, 3.29079923573345962678e3,
                                     1.62138957456669018874e3, 5.37181101862009857509e2,
                                     1.17693950891312499305e2, 1.57449261107098347253e1);
        ratio = top / low;
    } else {
        double w = 1.0 / (y * y);
        double top = 1.63153871373020978498e-2;
        top = 3.05326634961232344035e-1 + w * top;
        top = 3.60344899949804439429e-1 + w * top;
        top = 1.25781726111229246204e-1 + w * top;
        top = 1.60837851487422766278e-2 + w * top;
        top = 6.58749161529837803157e-4 + w * top;
        double low = 1.0;
        low = 2.56852019228982242072e0 + w * low;
        low = 1.87295284992346047209e0 + w * low;
        low = 5.27905102951428412248e-1 + w * low;
        low = 6.05183413124413191178e-2 + w * low;
        low = 2.33520497626869185443e-3 + w * low;
        ratio = (INVERSE_SQRT_PI - w * top / low) / y;
    }
    double coarse = std::floor(y * 16.0) / 16.0;
    return exp_of(-coarse * coarse) * exp_of(-(y - coarse) * (y + coarse)) * ratio;
}

inline double normal_cdf(double z) {
    double y = std::fabs(z) * SQRT_HALF;
    if (y < 0.46875) {
        double w = y * y;
        double top = 1.85777706184603152673e-1;
        top = 3.16112374387056560e0 + w * top;
        top = 1.13864154151050156e2 + w * top;
        top = 3.77485237685302021e2 + w * top;
        top = 3.20937758913846947e3 + w * top;
        double low = 1.0;
        low = 2.36012909523441209e1 + w * low;
        low = 2.44024637934444173e2 + w * low;
        low = 1.28261652607737228e3 + w * low;
        low = 2.84423683343917062e3 + w * low;
        return 0.5 + 0.5 * z * SQRT_HALF * top / low;
    }
    double half = 0.5 * erfc_of_positive(y);
    return z < 0.0 ? half : 1.0 - half;
}

// ----------------------------------------------------------------------- draws.py

constexpr uint64_t WORD = 0xFFFFFFFF;

struct Two {
    double first, second;
};

inline double unit(uint64_t high, uint64_t low) {
    uint64_t k = ((high >> 6) << 26) | (low >> 6);
    return (static_cast<double>(static_cast<int64_t>(k)) + 0.5) * 2.220446049250313e-16;
}

inline Two block(uint64_t key, uint64_t trial, uint64_t episode, uint64_t step) {
    uint64_t c0 = trial & WORD, c1 = trial >> 32, c2 = episode, c3 = step;
    uint64_t k0 = key & WORD, k1 = key >> 32;
    for (int round = 0; round < 10; ++round) {
        uint64_t product_0 = 0xD2511F53 * c0;
        uint64_t product_1 = 0xCD9E8D57 * c2;
        c0 = (product_1 >> 32) ^ c1 ^ k0;
        c1 = product_1 & WORD;
        c2 = (product_0 >> 32) ^ c3 ^ k1;
        c3 = product_0 & WORD;
        k0 = (k0 + 0x9E3779B9) & WORD;
        k1 = (k1 + 0xBB67AE85) & WORD;
    }
    return {unit(c0, c1), unit(c2, c3)};
}

// ------------------------------------------------------------------- quantiles.py

constexpr double BELOW_HALF = 0.49999999999999994;

inline double tabulated(const double *grid, int64_t first, double below, double above) {
    bool in_lower_half = below <= above;
    double lowest = of_bits(static_cast<uint64_t>(1023 - (OCTAVES + 1)) << 52);
    double p = least(most(in_lower_half ? below : above, lowest), BELOW_HALF);
    uint64_t bits = bits_of(p);
    int64_t octave = -2 - exponent_of(bits);
    double mantissa = mantissa_of(bits);
    int64_t cell = mantissa >= 1.5 ? 1 : 0;
    double x = 4.0 * (mantissa - 1.0 - 0.5 * static_cast<double>(cell)) - 1.0;
    int64_t row = in_lower_half ? octave : octave + OCTAVES;
    const double *c = grid + first + (row * CELLS + cell) * COEFFICIENTS;
    double even = c[COEFFICIENTS - 2];
    double odd = c[COEFFICIENTS - 1];
    double square = x * x;
    for (int64_t j = COEFFICIENTS - 4; j >= 0; j -= 2) {
        even = c[j] + square * even;
        odd = c[j + 1] + square * odd;
    }
    return exp_of(even + x * odd);
}

inline double rescaled(const double *grid, int64_t first, double below, double above) {
    double lowest = of_bits(static_cast<uint64_t>(1023 - (OCTAVES + 1)) << 52);
    if (below <= grid[first]) {
        double v = 0.5 * power(below / grid[first], grid[first + 1]);
        return tabulated(grid, first + 4, v, 1.0) * least(v / lowest, 1.0);
    }
    double v = 0.5 * power(most(above, 1e-300) / grid[first + 2], grid[first + 3]);
    return tabulated(grid, first + 4, 1.0, v);
}

inline double empirical(const double *grid, int64_t first, int64_t count, double below) {
    int64_t i = 0;
    while (i < count - 1 && grid[first + count + i] < below)
        ++i;
    return grid[first + i];
}

inline double random_quantile(const Distribution &d, const double *grid, double u) {
    double p = most(d.origin + d.span * (d.upper == 1 ? 1.0 - u : u), 1e-300);
    double below = d.upper == 1 ? 1.0 - p : p;
    double above = d.upper == 1 ? p : 1.0 - p;
    double x;
    if (d.family == LOGNORMAL) {
        double z = below <= 0.5 ? normal_quantile(below) : -normal_quantile(above);
        x = exp_of(d.a + d.b * z);
    } else if (d.family == UNIFORM) {
        double width = d.b - d.a;
        x = below <= 0.5 ? d.a + width * below : d.b - width * above;
    } else if (d.family == TRIANGULAR) {
        double width = d.c - d.a;
        if (below * width <= d.b - d.a)
            x = d.a + std::sqrt(below * width * (d.b - d.a));
        else
            x = d.c - std::sqrt(above * width * (d.c - d.b));
    } else if (d.family == LOGLOGISTIC) {
        x = d.a * power(below / above, 1.0 / d.b);
    } else if (d.family == EMPIRICAL) {
        x = empirical(grid, d.first, d.count, below);
    } else if (d.family == TABULATED) {
        x = d.a + d.b * tabulated(grid, d.first, below, above);
    } else if (d.family == RESCALED) {
        x = d.a + d.b * rescaled(grid, d.first, below, above);
    } else {
        double hazard = below <= 0.5 ? minus_log_complement(below) : -log_of(above);
        if (d.family == EXPONENTIAL)
            x = d.a * hazard;
        else if (d.family == WEIBULL)
            x = d.b * power(hazard, 1.0 / d.a);
        else
            x = d.a * exp_of(hazard / d.b);
    }
    return least(most(x, d.minimum), d.maximum) - d.shift;
}

inline double quantile(const Model &m, int64_t k, double u) {
    const Distribution &d = m.distributions[k];
    return d.family == CONSTANT ? d.a : random_quantile(d, m.grid.data, u);
}

// ---------------------------------------------------------------------- scores.py

constexpr double SMALLEST = 1.1102230246251565e-16;
constexpr double LARGEST = 0.9999999999999999;

inline double common_draw(double uniform, const Factor &factor) {
    return 0.0 < factor.rho && factor.rho < 1.0 ? normal_quantile(uniform) : uniform;
}

inline double dependent(double own, double common, const Factor &factor) {
    if (factor.rho == 0.0)
        return own;
    if (factor.rho == 1.0)
        return common;
    return factor.common * common + factor.own * normal_quantile(own);
}

inline double as_uniform(double draw, const Factor &factor) {
    if (factor.rho == 0.0 || factor.rho == 1.0)
        return draw;
    return least(most(normal_cdf(draw), SMALLEST), LARGEST);
}

inline double quantile_at(const Model &m, int64_t k, double draw, const Factor &factor) {
    const Distribution &d = m.distributions[k];
    if (d.family == CONSTANT)
        return d.a;
    if (d.family == LOGNORMAL && d.span == 1.0 && 0.0 < factor.rho && factor.rho < 1.0)
        return exp_of(d.a + d.b * draw);
    return random_quantile(d, m.grid.data, as_uniform(draw, factor));
}

// ------------------------------------------------------------------ escalation.py

inline int64_t choose(const double *cumulative, double draw) {
    int64_t i = 0;
    while (cumulative[i] < draw)
        ++i;
    return i;
}

inline void prepare_common(const Model &m, const Scratch &s, uint64_t key, int64_t trial,
                           int64_t episode, int64_t step) {
    if (step < s.size[N_COMMON])
        return;
    const Factors &rho = m.correlation;
    if (rho.escalation.rho > 0.0 || rho.duration.rho > 0.0) {
        Two u = block(key, trial, episode, step);
        s.common[step].choice = common_draw(u.first, rho.escalation);
        s.common[step].stay = common_draw(u.second, rho.duration);
    }
    s.size[N_COMMON] = step + 1;
}

inline double draw_of_path(double own, double common, const Factor &factor, bool alone) {
    return alone ? common_draw(own, factor) : dependent(own, common, factor);
}

inline Segment &append_segment(const Scratch &s, PairState &state, double start, double end,
                               int64_t level) {
    int64_t index = s.size[N_SEGMENTS]++;
    if (state.head < 0)
        state.head = index;
    else
        s.segments[state.tail].next = index;
    state.tail = index;
    Segment &segment = s.segments[index];
    segment.next = -1;
    segment.start = start;
    segment.end = end;
    segment.level = level;
    return segment;
}

inline double walk(const Model &m, const Scratch &s, int64_t trial, int64_t dispute, int64_t pair,
                   int64_t episode, double start, bool active) {
    const Dispute &d = m.disputes[dispute];
    const Pair &p = m.pairs[pair];
    PairState &state = s.pairs[pair];
    bool alone = p.material < 0;
    double t = start;
    int64_t level = d.active_level;
    for (int64_t step = 0;; ++step) {
        if (s.size[N_SEGMENTS] >= s.segments.size())
            return NOT_A_NUMBER;
        Two own = block(p.path_key, trial, episode, step);
        if (!alone)
            prepare_common(m, s, d.path_key, trial, episode, step);
        double choice = own.first;
        if (step > 0 || !active)
            choice = draw_of_path(choice, s.common[step].choice, m.correlation.escalation, alone);
        if (step > 0) {
            level = choose(m.next.at(p.ladder, level), choice) - 1;
            if (level < 0)
                return t;
        } else if (!active) {
            level = choose(m.entry.at(dispute), choice);
        }
        bool first_of_active = active && step == 0;
        double stay = draw_of_path(own.second, s.common[step].stay, m.correlation.duration, alone);
        int64_t sojourn = first_of_active ? p.remainder : m.sojourn.at(p.ladder)[level];
        double end = t + quantile_at(m, sojourn, stay, m.correlation.duration);
        Segment &segment = append_segment(s, state, t, least(end, m.horizon), level);
        int64_t cut = m.cut.at(pair)[level];
        segment.cut = cut >= 0 ? quantile(m, cut, state.severity) : 0.0;
        if (p.material >= 0 && s.materials[p.material].deepest < level)
            s.materials[p.material].deepest = level;
        if (end >= m.horizon)
            return m.horizon;
        t = end;
    }
}

inline Two common_cover(const Model &m, uint64_t key, int64_t trial, int64_t episode) {
    const Factors &rho = m.correlation;
    if (rho.coverage.rho == 0.0 && rho.severity.rho == 0.0)
        return {0.5, 0.5};
    Two u = block(key, trial, episode, 0);
    return {common_draw(u.first, rho.coverage), common_draw(u.second, rho.severity)};
}

inline bool is_covered(const Model &m, const Pair &pair, PairState &state, const Two &common,
                       int64_t trial, int64_t episode, bool active) {
    if (pair.material < 0)
        return true;
    const Factors &rho = m.correlation;
    Two u = block(pair.cover_key, trial, episode, 0);
    bool covered;
    if (active && pair.forced >= 0)
        covered = pair.forced == 1;
    else
        covered = dependent(u.first, common.first, rho.coverage) > pair.uncovered;
    if (covered)
        state.severity = as_uniform(dependent(u.second, common.second, rho.severity), rho.severity);
    return covered;
}

inline double first_reach(const Scratch &s, int64_t first, int64_t end, int64_t level) {
    double earliest = INF;
    for (int64_t i = first; i < end; ++i)
        if (s.segments[i].level >= level && s.segments[i].start < earliest)
            earliest = s.segments[i].start;
    return earliest;
}

inline int64_t schedule_triggers(const Model &m, const Scratch &s, int64_t trial, int64_t dispute,
                                 int64_t episode, int64_t first_segment) {
    const Dispute &d = m.disputes[dispute];
    for (uint64_t i = d.trigger_first; i < d.trigger_end; ++i) {
        const Trigger &trigger = m.triggers[i];
        double reached = first_reach(s, first_segment, s.size[N_SEGMENTS], trigger.reaches);
        if (reached >= m.horizon)
            continue;
        Two u = block(trigger.trigger_key, trial, episode, 0);
        if (u.first > trigger.probability)
            continue;
        double time = reached + quantile(m, trigger.lag, u.second);
        if (time >= m.horizon)
            continue;
        if (s.size[N_DUE] >= s.due.size())
            return FULL;
        s.due[s.size[N_DUE]].time = time;
        s.due[s.size[N_DUE]].trigger = i;
        s.size[N_DUE] += 1;
    }
    return DONE;
}

inline double gap_before(const Model &m, const Dispute &dispute, int64_t trial, int64_t episode) {
    if (dispute.gap < 0)
        return INF;
    double u = block(dispute.onset_key, trial, episode, 0).first;
    return u > dispute.surely_calm ? INF : quantile(m, dispute.gap, u);
}

inline int64_t begin_episode(const Model &m, const Scratch &s, int64_t trial, int64_t dispute,
                             double start, bool active) {
    DisputeState &state = s.disputes[dispute];
    int64_t episode = state.begun;
    const Dispute &d = m.disputes[dispute];
    int64_t first_segment = s.size[N_SEGMENTS];
    double end = start;
    s.size[N_COMMON] = 0;
    Two common = common_cover(m, d.cover_key, trial, episode);
    for (uint64_t pair = d.pair_first; pair < d.pair_end; ++pair) {
        if (!is_covered(m, m.pairs[pair], s.pairs[pair], common, trial, episode, active))
            continue;
        double path_end = walk(m, s, trial, dispute, pair, episode, start, active);
        if (std::isnan(path_end))
            return FULL;
        end = most(end, path_end);
    }
    if (s.size[N_EPISODES] >= s.episodes.size())
        return FULL;
    Episode &record = s.episodes[s.size[N_EPISODES]++];
    record.dispute = dispute;
    record.start = start;
    record.end = end;
    state.begun = episode + 1;
    state.until = end;
    state.onset = end + gap_before(m, d, trial, episode + 1);
    return schedule_triggers(m, s, trial, dispute, episode, first_segment);
}

inline int64_t next_due(const Model &m, const Scratch &s) {
    int64_t best = 0;
    for (int64_t i = 1; i < s.size[N_DUE]; ++i) {
        bool later = s.due[i].time > s.due[best].time;
        bool tied = s.due[i].time == s.due[best].time;
        bool before = m.triggers[s.due[i].trigger].starts < m.triggers[s.due[best].trigger].starts;
        if (!later && (before || !tied))
            best = i;
    }
    return best;
}

inline void note_spells(const Model &m, const Scratch &s) {
    int64_t count = 0;
    for (int64_t i = 0; i < s.size[N_EPISODES]; ++i) {
        const Episode &episode = s.episodes[i];
        if (m.disputes[episode.dispute].concerns == 0 || episode.end <= episode.start)
            continue;
        if (count > 0 && episode.start <= s.spells[count - 1].end) {
            s.spells[count - 1].end = most(s.spells[count - 1].end, episode.end);
            continue;
        }
        s.spells[count].start = episode.start;
        s.spells[count].end = episode.end;
        s.spells[count].loss = 0.0;
        ++count;
    }
    s.size[N_SPELLS] = count;
}

inline void calm(const Model &m, const Scratch &s, int64_t trial) {
    if (s.size[N_SEGMENTS] > 0) {
        for (int64_t pair = 0; pair < s.pairs.size(); ++pair)
            s.pairs[pair].head = -1;
        for (int64_t material = 0; material < s.materials.size(); ++material)
            s.materials[material].deepest = -1;
    }
    for (int64_t i = 0; i < N_SIZES; ++i)
        s.size[i] = 0;
    for (int64_t dispute = 0; dispute < s.disputes.size(); ++dispute) {
        DisputeState &state = s.disputes[dispute];
        state.begun = 0;
        state.until = 0.0;
        state.onset = 0.0;
        if (m.disputes[dispute].active_level < 0)
            state.onset = gap_before(m, m.disputes[dispute], trial, 0);
    }
}

inline int64_t escalate(const Model &m, const Scratch &s, int64_t trial) {
    calm(m, s, trial);
    while (true) {
        double t = m.horizon;
        int64_t dispute = -1;
        for (int64_t d = 0; d < s.disputes.size(); ++d) {
            if (s.disputes[d].onset < t) {
                t = s.disputes[d].onset;
                dispute = d;
            }
        }
        if (s.size[N_DUE] > 0) {
            int64_t i = next_due(m, s);
            if (s.due[i].time < t) {
                t = s.due[i].time;
                dispute = m.triggers[s.due[i].trigger].starts;
                s.size[N_DUE] -= 1;
                s.due[i] = s.due[s.size[N_DUE]];
                if (t < s.disputes[dispute].until)
                    continue;
            }
        }
        if (dispute < 0)
            break;
        bool active = s.disputes[dispute].begun == 0 && m.disputes[dispute].active_level >= 0;
        if (begin_episode(m, s, trial, dispute, t, active) == FULL)
            return FULL;
    }
    note_spells(m, s);
    return DONE;
}

// ---------------------------------------------------------------------- grants.py

inline double offered_at(const AlternativeState &state, bool boycott) {
    return boycott ? state.offered * (1.0 - state.boycott) : state.offered;
}

inline void await_grants(const Model &m, const Scratch &s, const Material &material) {
    for (uint64_t i = material.alternative_first; i < material.alternative_end; ++i) {
        if (m.alternatives[i].pool >= 0) {
            s.alternatives[i].grant = -1;
            s.alternatives[i].next = s.alternatives[m.alternatives[i].granted_to].head;
        }
    }
}

inline double enter_grants(const Model &m, const Scratch &s, const Material &material, double t) {
    double change = INF;
    for (uint64_t i = material.alternative_first; i < material.alternative_end; ++i) {
        if (m.alternatives[i].pool < 0)
            continue;
        AlternativeState &state = s.alternatives[i];
        while (state.next >= 0 && s.grants[state.next].time <= t) {
            state.grant = state.next;
            state.next = s.grants[state.next].next;
        }
        if (state.next >= 0)
            change = least(change, s.grants[state.next].time);
    }
    return change;
}

inline double dearer(double premium, double scarcity) {
    return scarcity == 1.0 ? premium : (1.0 + premium) * scarcity - 1.0;
}

// ---------------------------------------------------------------------- supply.py

inline bool enter_paths(const Model &m, const Scratch &s, const Material &material) {
    bool restricted = false;
    for (uint64_t i = material.pair_first; i < material.pair_end; ++i) {
        PairState &state = s.pairs[m.material_pairs[i]];
        state.now = state.head;
        restricted = restricted || state.head >= 0;
    }
    return restricted;
}

inline double advance_paths(const Model &m, const Scratch &s, const Material &material, double t) {
    double change = m.horizon;
    for (uint64_t i = material.pair_first; i < material.pair_end; ++i) {
        PairState &state = s.pairs[m.material_pairs[i]];
        int64_t segment = state.now;
        while (segment >= 0 && s.segments[segment].end <= t)
            segment = s.segments[segment].next;
        state.now = segment;
        if (segment < 0)
            continue;
        double begins = s.segments[segment].start;
        change = least(change, begins > t ? begins : s.segments[segment].end);
    }
    return change;
}

inline bool is_on_boycott(const Model &m, const Scratch &s, const Material &material, double t,
                          int64_t but_pair) {
    for (uint64_t i = material.pair_first; i < material.pair_end; ++i) {
        int64_t pair = m.material_pairs[i];
        int64_t segment = s.pairs[pair].now;
        if (pair == but_pair || segment < 0 || s.segments[segment].start > t)
            continue;
        if (m.boycott[s.segments[segment].level] == 1)
            return true;
    }
    return false;
}

inline double drawn(const Model &m, int64_t k, uint64_t key, int64_t trial, int64_t step,
                    int64_t lane) {
    const Distribution &d = m.distributions[k];
    if (d.family == CONSTANT)
        return d.a;
    Two u = block(key, trial, 0, step);
    return random_quantile(d, m.grid.data, lane == 0 ? u.first : u.second);
}

inline double lost_at(const Model &m, const Scratch &s, int64_t trial, const Material &material,
                      double t, bool boycott) {
    double lost = 0.0;
    for (uint64_t i = material.source_first; i < material.source_end; ++i) {
        const Source &source = m.sources[i];
        int64_t pair = source.pair;
        double cut = 0.0;
        if (pair >= 0) {
            int64_t segment = s.pairs[pair].now;
            if (segment >= 0 && s.segments[segment].start <= t)
                cut = s.segments[segment].cut;
        }
        if (boycott) {
            double kept_back = drawn(m, source.boycott, source.source_key, trial, 0, 0);
            if (kept_back > cut && is_on_boycott(m, s, material, t, pair))
                cut = kept_back;
        }
        lost += source.share * cut;
    }
    return least(lost, 1.0);
}

inline void replenish(const Model &m, const Scratch &s, const Material &material, double days,
                      double lost) {
    double amount = material.refill_rate * days;
    for (uint64_t i = material.tier_first; i < material.tier_end; ++i) {
        TierState &state = s.tiers[i];
        double rate = m.tiers[i].build_rate;
        if (rate > 0.0) {
            if (lost == 0.0)
                state.stock = least(state.stock + rate * days, state.full);
        } else if (amount > 0.0) {
            double added = least(amount, state.full - state.stock);
            state.stock += added;
            amount -= added;
        }
    }
}

inline void draw_stocks(const Model &m, const Scratch &s, int64_t trial, const Material &material,
                        double first_cut) {
    for (uint64_t i = material.tier_first; i < material.tier_end; ++i) {
        double held = drawn(m, m.tiers[i].days, m.tiers[i].tier_key, trial, 0, 0);
        double full = most(held, m.tiers[i].target);
        TierState &state = s.tiers[i];
        state.held = held >= NOTHING ? held : 0.0;
        state.full = full >= NOTHING ? full : 0.0;
        state.stock = state.held;
    }
    replenish(m, s, material, first_cut, 0.0);
}

inline void await_step(const Alternative &alternative, AlternativeState &state) {
    state.upcoming = INF;
    if (state.arrived < alternative.ramp_steps && state.capacity > 0.0) {
        double share = (static_cast<double>(state.arrived) + 0.5) /
                       static_cast<double>(alternative.ramp_steps);
        state.upcoming = state.arrival + alternative.ramp_days * share;
    }
}

inline void draw_alternatives(const Model &m, const Scratch &s, int64_t trial,
                              const Material &material, MaterialState &of_material,
                              double first_cut) {
    const Factor &factor = m.correlation.rerouting;
    Two common = {0.5, 0.5};
    if (factor.rho > 0.0) {
        Two u = block(material.reroute_key, trial, 0, 0);
        common = {common_draw(u.first, factor), common_draw(u.second, factor)};
    }
    of_material.upcoming = INF;
    of_material.offers = 0;
    for (uint64_t i = material.alternative_first; i < material.alternative_end; ++i) {
        const Alternative &alternative = m.alternatives[i];
        AlternativeState &state = s.alternatives[i];
        uint64_t key = alternative.alternative_key;
        state.arrived = 0;
        state.offered = 0.0;
        state.arrival = state.upcoming = INF;
        Two u = block(key, trial, 0, 0);
        if (dependent(u.first, common.first, factor) > alternative.succeeds)
            continue;
        double delay = dependent(u.second, common.second, factor);
        double begun = alternative.from_start == 1 ? 0.0 : first_cut;
        state.arrival = begun + quantile_at(m, alternative.lead_time, delay, factor);
        state.capacity = drawn(m, alternative.capacity, key, trial, 1, 0);
        state.premium = drawn(m, alternative.premium, key, trial, 1, 1);
        state.boycott = drawn(m, alternative.boycott, key, trial, 2, 0);
        await_step(alternative, state);
        of_material.upcoming = least(of_material.upcoming, state.upcoming);
    }
}

inline void begin_again(const Model &m, const Scratch &s, const Material &material,
                        MaterialState &of_material) {
    of_material.upcoming = INF;
    of_material.offers = 0;
    for (uint64_t i = material.alternative_first; i < material.alternative_end; ++i) {
        AlternativeState &state = s.alternatives[i];
        state.arrived = 0;
        state.offered = 0.0;
        await_step(m.alternatives[i], state);
        of_material.upcoming = least(of_material.upcoming, state.upcoming);
    }
}

inline void arrive(const Alternative &alternative, AlternativeState &state, double t) {
    while (state.upcoming <= t) {
        state.arrived += 1;
        state.offered = state.capacity * static_cast<double>(state.arrived) /
                        static_cast<double>(alternative.ramp_steps);
        await_step(alternative, state);
    }
}

inline double take_arrivals(const Model &m, const Scratch &s, const Material &material, double t) {
    double upcoming = INF;
    for (uint64_t i = material.alternative_first; i < material.alternative_end; ++i) {
        AlternativeState &state = s.alternatives[i];
        if (state.upcoming <= t)
            arrive(m.alternatives[i], state, t);
        upcoming = least(upcoming, state.upcoming);
    }
    return upcoming;
}

struct Rerouted {
    double gap, premium;
};

inline Rerouted reroute(const Model &m, const Scratch &s, const Material &material,
                        MaterialState &of_material, double t, double lost, bool boycott,
                        double *used_now) {
    double left = lost, cost = 0.0;
    if (lost > 0.0 && of_material.upcoming <= t) {
        of_material.upcoming = take_arrivals(m, s, material, t);
        of_material.offers = 1;
    }
    if (lost > 0.0 && of_material.offers == 1) {
        for (uint64_t i = material.alternative_first; i < material.alternative_end; ++i) {
            const AlternativeState &state = s.alternatives[i];
            double premium = state.premium;
            double used = least(offered_at(state, boycott), left);
            if (material.pooled == 1 && m.alternatives[i].pool >= 0 && state.grant >= 0) {
                const Grant &grant = s.grants[state.grant];
                used = least(used, grant.share);
                premium = dearer(premium, grant.scarcity);
            }
            left -= used;
            cost += premium * used;
            used_now[i - material.alternative_first] = used;
        }
    }
    return {left >= NOTHING ? left : 0.0, cost};
}

inline Two release(const Model &m, const Scratch &s, const Material &material, double t, double gap,
                   double first_gap) {
    double left = gap, change = INF;
    for (uint64_t i = material.tier_first; i < material.tier_end; ++i) {
        TierState &state = s.tiers[i];
        state.rate = 0.0;
        double start = first_gap + m.tiers[i].lag;
        if (start > t) {
            change = least(change, start);
            continue;
        }
        if (state.stock < NOTHING || left == 0.0)
            continue;
        state.rate = least(m.tiers[i].release, left);
        left -= state.rate;
        if (left < NOTHING)
            left = 0.0;
        state.runs_out = t + state.stock / state.rate;
        change = least(change, state.runs_out);
    }
    return {left, change};
}

inline void draw_down(const Scratch &s, const Material &material, double t, double until) {
    for (uint64_t i = material.tier_first; i < material.tier_end; ++i) {
        TierState &state = s.tiers[i];
        if (state.rate == 0.0)
            continue;
        state.stock -= state.rate * (until - t);
        if (state.runs_out <= until + NOTHING || state.stock < NOTHING)
            state.stock = 0.0;
    }
}

inline double price_response(const Material &material, double shortage) {
    double rest = 1.0 - shortage;
    if (material.inverse_elasticity == 0.0 || shortage == 0.0 || rest <= 0.0)
        return 0.0;
    return rest * (least(power(rest, -material.inverse_elasticity), material.price_cap) - 1.0);
}

inline int64_t open_step(const Scratch &s, const Material &material, double t, double lost) {
    int64_t row = s.size[N_STEPS]++;
    s.steps[row].time = t;
    s.steps[row].lost = lost;
    std::fill_n(s.step_used.at(row), s.step_used.length[1], 0.0);
    for (uint64_t i = material.tier_first; i < material.tier_end; ++i)
        s.step_stock.at(row)[i - material.tier_first] = s.tiers[i].stock;
    return row;
}

inline int64_t spell_at(const Scratch &s, int64_t spell, double t) {
    while (s.spells[spell].end <= t)
        ++spell;
    return spell;
}

inline int64_t deepest_now(const Model &m, const Scratch &s, const Material &material, double t) {
    int64_t deepest = -1;
    for (uint64_t i = material.pair_first; i < material.pair_end; ++i) {
        int64_t segment = s.pairs[m.material_pairs[i]].now;
        if (segment >= 0 && s.segments[segment].start <= t)
            deepest = std::max(deepest, s.segments[segment].level);
    }
    return deepest;
}

inline void draw_supply(const Model &m, const Scratch &s, int64_t trial, const Material &material,
                        MaterialState &state, double first_cut) {
    draw_stocks(m, s, trial, material, first_cut);
    if (material.pooled == 1 && state.drawn == 1)
        begin_again(m, s, material, state);
    else
        draw_alternatives(m, s, trial, material, state, first_cut);
    if (material.pooled == 1)
        await_grants(m, s, material);
}

inline int64_t supply_steps(const Model &m, const Scratch &s, int64_t trial, int64_t index,
                            MaterialRow &row_of_material, double *level_days) {
    const Material &material = m.materials[index];
    double *days_of_levels = level_days + index * m.boycott.size();
    double first_cut = INF, first_gap = INF;
    double cut_days = 0.0, weighted_days = 0.0, short_days = 0.0, rerouting = 0.0, price = 0.0;
    double t = 0.0, path_change = 0.0, lost = 0.0;
    bool boycott = false;
    MaterialState &state = s.materials[index];
    state.rerouting = state.price = 0.0;
    row_of_material.cut_days = row_of_material.cut_weighted_days = 0.0;
    row_of_material.shortage_days = 0.0;
    if (!enter_paths(m, s, material))
        return DONE;
    while (t < m.horizon) {
        if (t >= path_change) {
            path_change = advance_paths(m, s, material, t);
            boycott = is_on_boycott(m, s, material, t, -1);
            lost = lost_at(m, s, trial, material, t, boycott);
            int64_t level = deepest_now(m, s, material, t);
            if (level >= 0)
                days_of_levels[level] += path_change - t;
        }
        double until = path_change;
        if (first_cut == INF) {
            if (lost == 0.0) {
                t = until;
                continue;
            }
            first_cut = t;
            draw_supply(m, s, trial, material, state, first_cut);
        }
        if (s.size[N_STEPS] >= s.steps.size())
            return FULL;
        if (material.pooled == 1)
            until = least(until, enter_grants(m, s, material, t));
        int64_t row = open_step(s, material, t, lost);
        Rerouted now = reroute(m, s, material, state, t, lost, boycott, s.step_used.at(row));
        if (lost > 0.0)
            until = least(until, state.upcoming);
        double shortage = 0.0;
        if (now.gap > 0.0) {
            first_gap = least(first_gap, t);
            Two left = release(m, s, material, t, now.gap, first_gap);
            shortage = left.first;
            if (left.second < until - NOTHING)
                until = left.second;
            draw_down(s, material, t, until);
        } else {
            replenish(m, s, material, until - t, lost);
        }
        s.steps[row].short_ = shortage;
        double days = until - t;
        double response = price_response(material, shortage);
        s.steps[row].cost = now.premium + response;
        cut_days += lost > 0.0 ? days : 0.0;
        weighted_days += lost * days;
        short_days += shortage * days;
        rerouting += now.premium * days;
        price += response * days;
        t = until;
    }
    state.rerouting = rerouting;
    state.price = price;
    row_of_material.cut_days = cut_days;
    row_of_material.cut_weighted_days = weighted_days;
    row_of_material.shortage_days = short_days;
    return DONE;
}

// ----------------------------------------------------------------------- pools.py

constexpr double ROUNDING = 1e-12;
constexpr double DAYS_PER_YEAR = 365.0;

inline void open_pools(const Model &m, const Scratch &s, int64_t trial, const Market &market) {
    for (uint64_t pool = market.pool_first; pool < market.pool_end; ++pool) {
        PoolState &state = s.pools[pool];
        const Pool &place = m.pools[pool];
        state.capacity = drawn(m, place.capacity, place.pool_key, trial, 0, 0);
        state.asked = state.granted = state.contested_days = state.used = 0.0;
        state.contested = 0;
        for (uint64_t k = place.buyer_first; k < place.buyer_end; ++k) {
            s.buyers[k].share = s.buyers[k].request = s.buyers[k].grant = 0.0;
            AlternativeState &alternative = s.alternatives[m.buyers[k].alternative];
            alternative.granted = 0.0;
            alternative.head = -1;
        }
    }
}

inline bool open_slots(const Model &m, const Scratch &s, const Market &market) {
    bool restricted = false;
    for (uint64_t k = market.slot_first; k < market.slot_end; ++k) {
        SlotState &slot = s.slots[k];
        slot.path_change = slot.lost = 0.0;
        slot.boycott = 0;
        s.materials[m.slots[k]].drawn = 0;
        if (enter_paths(m, s, m.materials[m.slots[k]]))
            restricted = true;
    }
    return restricted;
}

inline double move_slot(const Model &m, const Scratch &s, int64_t trial, SlotState &slot,
                        uint64_t index, double t) {
    const Material &material = m.materials[index];
    MaterialState &state = s.materials[index];
    slot.moved = 0;
    if (t >= slot.path_change) {
        slot.path_change = advance_paths(m, s, material, t);
        bool boycott = is_on_boycott(m, s, material, t, -1);
        slot.boycott = boycott ? 1 : 0;
        slot.lost = lost_at(m, s, trial, material, t, boycott);
        slot.moved = 1;
        if (slot.lost > 0.0 && state.drawn == 0) {
            draw_alternatives(m, s, trial, material, state, t);
            state.drawn = 1;
        }
    }
    if (slot.lost == 0.0)
        return slot.path_change;
    if (state.upcoming <= t) {
        state.upcoming = take_arrivals(m, s, material, t);
        slot.moved = 1;
    }
    return least(slot.path_change, state.upcoming);
}

inline double share_asked(const Model &m, const Scratch &s, const Buyer &buyer) {
    const SlotState &slot = s.slots[buyer.slot];
    const Material &material = m.materials[m.slots[buyer.slot]];
    double left = slot.lost;
    for (uint64_t i = material.alternative_first; i < buyer.alternative; ++i) {
        const AlternativeState &alternative = s.alternatives[i];
        if (m.alternatives[i].pool >= 0)
            left -= alternative.granted;
        else
            left -= least(offered_at(alternative, slot.boycott == 1), left);
    }
    return least(offered_at(s.alternatives[buyer.alternative], slot.boycott == 1), left);
}

inline void grant_in_order(const Model &m, const Scratch &s, const Pool &pool, double capacity) {
    double left = capacity, below = INF;
    while (true) {
        double rank = -INF, asked = 0.0;
        for (uint64_t k = pool.buyer_first; k < pool.buyer_end; ++k) {
            double own = m.alternatives[m.buyers[k].alternative].precedence;
            if (own < below && own >= rank) {
                asked = s.buyers[k].request + (own == rank ? asked : 0.0);
                rank = own;
            }
        }
        if (rank == -INF)
            return;
        double served = asked <= left ? 1.0 : left / asked;
        for (uint64_t k = pool.buyer_first; k < pool.buyer_end; ++k)
            if (m.alternatives[m.buyers[k].alternative].precedence == rank)
                s.buyers[k].grant = s.buyers[k].request * served;
        left = most(left - asked, 0.0);
        below = rank;
    }
}

inline void grant_anew(const Scratch &s, const Pool &pool, double capacity) {
    double kept = 0.0, unmet = 0.0;
    for (uint64_t k = pool.buyer_first; k < pool.buyer_end; ++k) {
        BuyerState &buyer = s.buyers[k];
        buyer.grant = least(buyer.grant, buyer.request);
        kept += buyer.grant;
        unmet += buyer.request - buyer.grant;
    }
    double rest = capacity - kept;
    if (rest > ROUNDING * capacity) {
        for (uint64_t k = pool.buyer_first; k < pool.buyer_end; ++k) {
            BuyerState &buyer = s.buyers[k];
            buyer.grant += (buyer.request - buyer.grant) * least(rest / unmet, 1.0);
        }
    }
}

inline double scarcity_of(const Pool &pool, const PoolState &state) {
    if (pool.inverse_elasticity == 0.0)
        return 1.0;
    if (state.capacity == 0.0)
        return pool.scarcity_cap;
    return least(power(state.asked / state.capacity, pool.inverse_elasticity), pool.scarcity_cap);
}

inline int64_t note_grant(const Model &m, const Scratch &s, const PoolState &state, uint64_t k,
                          double t) {
    const BuyerState &buyer = s.buyers[k];
    uint64_t slot = m.buyers[k].slot;
    AlternativeState &alternative = s.alternatives[m.buyers[k].alternative];
    double share = INF;
    if (buyer.grant < buyer.request)
        share = buyer.grant / m.materials[m.slots[slot]].demand;
    double scarcity = buyer.grant > 0.0 ? state.scarcity : 1.0;
    double granted = least(buyer.share, share);
    if (granted != alternative.granted) {
        alternative.granted = granted;
        s.slots[slot].moved = 1;
    }
    double known_share = INF, known_scarcity = 1.0;
    if (alternative.head >= 0) {
        known_share = s.grants[alternative.tail].share;
        known_scarcity = s.grants[alternative.tail].scarcity;
    }
    if (share == known_share && scarcity == known_scarcity)
        return DONE;
    int64_t entry = s.size[N_GRANTS];
    if (entry >= s.grants.size())
        return FULL;
    s.size[N_GRANTS] += 1;
    if (alternative.head < 0)
        alternative.head = entry;
    else
        s.grants[alternative.tail].next = entry;
    alternative.tail = entry;
    s.grants[entry].next = -1;
    s.grants[entry].time = t;
    s.grants[entry].share = share;
    s.grants[entry].scarcity = scarcity;
    return DONE;
}

inline int64_t note_steps(const Scratch &s, const Pool &place, uint64_t pool, double t) {
    if (s.pool_steps.size() == 0)
        return DONE;
    const PoolState &state = s.pools[pool];
    for (uint64_t k = place.buyer_first; k < place.buyer_end; ++k) {
        int64_t row = s.size[N_POOL_STEPS];
        if (row >= s.pool_steps.size())
            return FULL;
        s.size[N_POOL_STEPS] += 1;
        PoolStep &step = s.pool_steps[row];
        step.pool = static_cast<int64_t>(pool);
        step.buyer = static_cast<int64_t>(k);
        step.time = t;
        step.asked = s.buyers[k].request;
        step.granted = s.buyers[k].grant;
        step.scarcity = state.scarcity;
        step.contested = state.contested;
    }
    return DONE;
}

inline int64_t settle(const Model &m, const Scratch &s, uint64_t pool, double t) {
    const Pool &place = m.pools[pool];
    PoolState &state = s.pools[pool];
    bool changed = false;
    double asked = 0.0;
    for (uint64_t k = place.buyer_first; k < place.buyer_end; ++k) {
        BuyerState &buyer = s.buyers[k];
        uint64_t slot = m.buyers[k].slot;
        if (s.slots[slot].moved == 1) {
            double share = share_asked(m, s, m.buyers[k]);
            changed = changed || share != buyer.share;
            buyer.share = share;
            buyer.request = share * m.materials[m.slots[slot]].demand;
        }
        asked += buyer.request;
    }
    if (!changed)
        return DONE;
    state.asked = asked;
    state.contested = asked > state.capacity * (1.0 + ROUNDING) ? 1 : 0;
    state.scarcity = state.contested == 1 ? scarcity_of(place, state) : 1.0;
    if (state.contested == 0) {
        for (uint64_t k = place.buyer_first; k < place.buyer_end; ++k)
            s.buyers[k].grant = s.buyers[k].request;
    } else if (place.allocation == PRECEDENCE) {
        grant_in_order(m, s, place, state.capacity);
    } else if (place.allocation == FIRST_COME) {
        grant_anew(s, place, state.capacity);
    } else {
        for (uint64_t k = place.buyer_first; k < place.buyer_end; ++k)
            s.buyers[k].grant = s.buyers[k].request * (state.capacity / state.asked);
    }
    state.granted = 0.0;
    for (uint64_t k = place.buyer_first; k < place.buyer_end; ++k) {
        state.granted += s.buyers[k].grant;
        if (note_grant(m, s, state, k, t) != DONE)
            return FULL;
    }
    return note_steps(s, place, pool, t);
}

inline int64_t settle_market(const Model &m, const Scratch &s, int64_t trial,
                             const Market &market) {
    open_pools(m, s, trial, market);
    if (!open_slots(m, s, market))
        return DONE;
    double t = 0.0;
    while (t < m.horizon) {
        double until = m.horizon;
        for (uint64_t k = market.slot_first; k < market.slot_end; ++k)
            until = least(until, move_slot(m, s, trial, s.slots[k], m.slots[k], t));
        for (uint64_t pool = market.pool_first; pool < market.pool_end; ++pool) {
            if (settle(m, s, pool, t) != DONE)
                return FULL;
            PoolState &state = s.pools[pool];
            state.used += state.granted * (until - t) / DAYS_PER_YEAR;
            state.contested_days += state.contested == 1 ? until - t : 0.0;
        }
        t = until;
    }
    return DONE;
}

inline int64_t settle_pools(const Model &m, const Scratch &s, int64_t trial) {
    for (int64_t market = 0; market < m.markets.size(); ++market)
        if (settle_market(m, s, trial, m.markets[market]) != DONE)
            return FULL;
    return DONE;
}

// -------------------------------------------------------------------- industry.py

inline double short_fraction(const Use &use, double shortage) {
    double fraction = shortage;
    if (!std::isnan(use.cut_before)) {
        double left = shortage - use.cut_before;
        if (use.group > 0.0)
            fraction = least(most(left / use.group, 0.0), 1.0);
        else
            fraction = left >= NOTHING ? 1.0 : 0.0;
    }
    return fraction >= NOTHING ? fraction : 0.0;
}

inline Two after_inventory(double held, double fraction, double t, double until) {
    double runs_out = t + held / fraction;
    if (runs_out < until - NOTHING)
        return {0.0, runs_out};
    held -= fraction * (until - t);
    return {held >= NOTHING ? held : 0.0, until};
}

inline int64_t use_steps(const Model &m, const Scratch &s, int64_t index, double refill_rate,
                         int64_t first, int64_t end) {
    const Use &use = m.uses[index];
    UseState &state = s.uses[index];
    double held = use.inventory, now = 0.0;
    state.hit = INF;
    state.first = s.size[N_USE_STEPS];
    for (int64_t row = first; row < end; ++row) {
        double t = s.steps[row].time;
        double until = row + 1 < end ? s.steps[row + 1].time : m.horizon;
        double fraction = short_fraction(use, s.steps[row].short_);
        if (fraction == 0.0) {
            held = least(held + refill_rate * (until - t), use.inventory);
        } else if (held > 0.0) {
            Two left = after_inventory(held, fraction, t, until);
            held = left.first;
            t = left.second;
            if (t == until)
                fraction = 0.0;
        }
        if (fraction == now)
            continue;
        int64_t change = s.size[N_USE_STEPS];
        if (change >= s.use_steps.size())
            return FULL;
        s.use_steps[change].time = t;
        s.use_steps[change].short_ = fraction;
        s.size[N_USE_STEPS] += 1;
        state.hit = least(state.hit, t);
        now = fraction;
    }
    state.end = s.size[N_USE_STEPS];
    return DONE;
}

inline double move_use(const Use &use, UseState &state, const UseStep *steps, double t) {
    while (state.now < state.end && steps[state.now].time <= t)
        state.now += 1;
    double change = state.now < state.end ? steps[state.now].time : INF;
    state.impact = 0.0;
    if (state.now == state.first)
        return change;
    double dependence = use.dependence;
    double substituted = state.hit + use.substitution_lag;
    if (substituted <= t)
        dependence *= 1.0 - use.substitution;
    else
        change = least(change, substituted);
    state.impact = dependence * steps[state.now - 1].short_;
    return change;
}

struct OutputLoss {
    double loss, largest, total;
};

// One class of firms: its uses, as places in industry_uses, and what it loses from `since` until
// `change`.
struct Firms {
    uint64_t first, end;
    double since, change;
    OutputLoss lost;
};

inline OutputLoss output_loss(const Model &m, const Scratch &s, const Industry &industry,
                              const Firms &firms) {
    double largest = 0.0, total = 0.0, kept = 1.0;
    for (uint64_t i = firms.first; i < firms.end; ++i) {
        double impact = s.uses[m.industry_uses[i]].impact;
        largest = most(largest, impact);
        total += impact;
        kept *= 1.0 - impact;
    }
    double loss = industry.independent == 1 ? 1.0 - kept : largest;
    double rate = 1.0 - loss;
    if (rate < NOTHING || rate < industry.min_operating_rate)
        loss = 1.0;
    return {loss, largest, total};
}

inline void attribute(const Model &m, const Scratch &s, const Industry &industry,
                      const Firms &firms, double money, const OutputLoss &lost) {
    bool in_proportion = industry.independent == 1 || lost.loss == 1.0;
    int64_t tied = 0;
    for (uint64_t i = firms.first; i < firms.end; ++i)
        tied += s.uses[m.industry_uses[i]].impact == lost.largest;
    for (uint64_t i = firms.first; i < firms.end; ++i) {
        uint64_t use = m.industry_uses[i];
        double impact = s.uses[use].impact;
        if (s.uses[use].hit == INF || (!in_proportion && impact != lost.largest))
            continue;
        Part &part = s.parts[s.size[N_PARTS]];
        part.place = m.versions.material_place[m.uses[use].material];
        part.money =
            in_proportion ? money * (impact / lost.total) : money / static_cast<double>(tied);
        s.size[N_PARTS] += 1;
    }
}

// Bring each class whose shortages change at t up to date and charge what it lost until then.
inline double move_firms(const Model &m, const Scratch &s, const Industry &industry,
                         std::vector<Firms> &all, double t) {
    double until = m.horizon;
    for (Firms &firms : all) {
        if (firms.change <= t || t == m.horizon) {
            if (firms.lost.loss > 0.0) {
                double rate = industry.output_rate * industry.multiplier;
                double classes = static_cast<double>(industry.classes);
                double days = t - firms.since;
                attribute(m, s, industry, firms, rate * firms.lost.loss * days / classes,
                          firms.lost);
            }
            firms.since = t;
            firms.change = INF;
            for (uint64_t i = firms.first; i < firms.end; ++i) {
                uint64_t use = m.industry_uses[i];
                double change = move_use(m.uses[use], s.uses[use], s.use_steps.data, t);
                firms.change = least(firms.change, change);
            }
            firms.lost = output_loss(m, s, industry, firms);
        }
        until = least(until, firms.change);
    }
    return until;
}

inline int64_t output_steps(const Model &m, const Scratch &s, int64_t index, IndustryRow &row,
                            double &output_days) {
    const Industry &industry = m.industries[index];
    IndustryState &own = s.industries[index];
    double t = INF;
    int64_t hit_uses = 0;
    double classes = static_cast<double>(industry.classes);
    uint64_t each = (industry.use_end - industry.use_first) / industry.classes;
    static thread_local std::vector<Firms> all;
    all.clear();
    for (uint64_t first = industry.use_first; first < industry.use_end; first += each)
        all.push_back({first, first + each, 0.0, 0.0, {0.0, 0.0, 0.0}});
    own.part_first = s.size[N_PARTS];
    for (uint64_t i = industry.use_first; i < industry.use_end; ++i) {
        UseState &state = s.uses[m.industry_uses[i]];
        state.now = state.first;
        t = least(t, state.hit);
        hit_uses += state.hit != INF;
    }
    double first_day = NOT_A_NUMBER, survival = NOT_A_NUMBER;
    double lost_days = 0.0, loss_days = 0.0, stopped_days = 0.0;
    int64_t spell = 0;
    while (t != INF) {
        int64_t step = s.size[N_OUTPUT_STEPS];
        if (step >= s.output_steps.size() || s.size[N_PARTS] + hit_uses > s.parts.size())
            return FULL;
        double until = move_firms(m, s, industry, all, t);
        if (t == m.horizon)
            break;
        double days = until - t, loss = 0.0;
        for (const Firms &firms : all)
            loss += firms.lost.loss;
        loss /= classes;
        s.output_steps[step].time = t;
        s.output_steps[step].loss = loss;
        s.size[N_OUTPUT_STEPS] += 1;
        if (loss > 0.0) {
            spell = spell_at(s, spell, t);
            if (std::isnan(first_day)) {
                first_day = t;
                survival = t - s.spells[spell].start;
            }
            lost_days += loss * days;
            loss_days += days;
            stopped_days += loss == 1.0 ? days : 0.0;
        }
        t = until;
    }
    row.loss_days = loss_days;
    row.stopped_days = stopped_days;
    row.first_loss_day = first_day;
    row.survival_days = survival;
    output_days = lost_days;
    own.part_end = s.size[N_PARTS];
    return DONE;
}

// ---------------------------------------------------------------------- trials.py

inline int64_t play_pools(const Model &m, const Scratch &s, PoolRow *rows, int64_t trial) {
    if (m.pools.size() == 0)
        return DONE;
    if (settle_pools(m, s, trial) != DONE)
        return FULL;
    for (int64_t place = 0; place < m.pools.size(); ++place) {
        const PoolState &state = s.pools[*m.versions.pools.at(0, place)];
        rows[place].contested_days = state.contested_days;
        rows[place].pool_used = state.used;
    }
    return DONE;
}

inline int64_t play_materials(const Model &m, const Scratch &s, MaterialRow *rows,
                              double *level_days, int64_t trial) {
    std::fill_n(level_days, m.materials.size() * m.boycott.size(), 0.0);
    for (int64_t index = 0; index < m.materials.size(); ++index) {
        const Material &material = m.materials[index];
        MaterialState &state = s.materials[index];
        state.step_first = s.size[N_STEPS];
        if (supply_steps(m, s, trial, index, rows[index], level_days) != DONE)
            return FULL;
        state.step_end = s.size[N_STEPS];
        state.loss = material.cost_rate * (state.rerouting + state.price);
        rows[index].deepest_level = state.deepest;
        for (uint64_t use = material.use_first; use < material.use_end; ++use)
            if (use_steps(m, s, use, material.refill_rate, state.step_first, state.step_end) != DONE)
                return FULL;
    }
    return DONE;
}

inline int64_t play_industries(const Model &m, const Scratch &s, IndustryRow *rows) {
    for (int64_t index = 0; index < m.industries.size(); ++index) {
        const Industry &industry = m.industries[index];
        IndustryState &state = s.industries[index];
        state.first = s.size[N_OUTPUT_STEPS];
        double lost_days = 0.0;
        if (output_steps(m, s, index, rows[index], lost_days) != DONE)
            return FULL;
        state.end = s.size[N_OUTPUT_STEPS];
        double rerouting = 0.0, price = 0.0;
        for (uint64_t i = industry.use_first; i < industry.use_end; ++i) {
            const Use &use = m.uses[m.industry_uses[i]];
            rerouting += use.cost * s.materials[use.material].rerouting;
            price += use.cost * s.materials[use.material].price;
        }
        double output = industry.output_rate * lost_days;
        state.direct = output + rerouting + price;
        rows[index].output = output;
        rows[index].rerouting = rerouting;
        rows[index].price = price;
    }
    return DONE;
}

// ------------------------------------------------------------------- versions.py

inline double largest_spell(const Model &m, const Scratch &s) {
    for (int64_t spell = 0; spell < s.size[N_SPELLS]; ++spell)
        s.spells[spell].loss = 0.0;
    for (int64_t index = 0; index < m.materials.size(); ++index) {
        const MaterialState &state = s.materials[index];
        int64_t spell = 0;
        for (int64_t i = state.step_first; i < state.step_end; ++i) {
            const Step &step = s.steps[i];
            if (step.cost <= 0.0)
                continue;
            double until = i + 1 < state.step_end ? s.steps[i + 1].time : m.horizon;
            spell = spell_at(s, spell, step.time);
            s.spells[spell].loss +=
                m.materials[index].cost_rate * step.cost * (until - step.time);
        }
    }
    for (int64_t index = 0; index < m.industries.size(); ++index) {
        const Industry &industry = m.industries[index];
        const IndustryState &state = s.industries[index];
        int64_t spell = 0;
        for (int64_t i = state.first; i < state.end; ++i) {
            const OutputStep &step = s.output_steps[i];
            if (step.loss <= 0.0)
                continue;
            double until = i + 1 < state.end ? s.output_steps[i + 1].time : m.horizon;
            spell = spell_at(s, spell, step.time);
            s.spells[spell].loss +=
                industry.output_rate * industry.multiplier * step.loss * (until - step.time);
        }
    }
    double largest = 0.0;
    for (int64_t spell = 0; spell < s.size[N_SPELLS]; ++spell)
        largest = most(largest, s.spells[spell].loss);
    return largest;
}

inline void close_books(const Model &m, const Scratch &s, TrialRow &trial_row,
                        IndustryRow *industry_rows, MaterialRow *material_rows) {
    double total = 0.0;
    for (int64_t i = 0; i < m.industries.size(); ++i) {
        double indirect = 0.0;
        for (int64_t j = 0; j < m.industries.size(); ++j)
            indirect += *m.spread.at(0, j, i) * s.industries[j].direct;
        industry_rows[i].indirect = indirect;
        industry_rows[i].loss = s.industries[i].direct + indirect;
        total += s.industries[i].direct + indirect;
    }
    trial_row.total = total;
    trial_row.largest_spell = s.size[N_SPELLS] == 1 ? total : least(largest_spell(m, s), total);
    for (int64_t index = 0; index < m.materials.size(); ++index)
        material_rows[index].loss = s.materials[index].loss;
    for (int64_t index = 0; index < m.industries.size(); ++index)
        for (int64_t i = s.industries[index].part_first; i < s.industries[index].part_end; ++i)
            material_rows[s.parts[i].place].loss += s.parts[i].money;
}

inline void close_quiet_books(const Model &m, TrialRow &trial_row, IndustryRow *industry_rows,
                              MaterialRow *material_rows, PoolRow *pool_rows,
                              double *level_days) {
    trial_row.total = trial_row.largest_spell = 0.0;
    for (int64_t index = 0; index < m.industries.size(); ++index) {
        IndustryRow &row = industry_rows[index];
        row.loss = row.output = row.rerouting = row.price = row.indirect = 0.0;
        row.loss_days = row.stopped_days = 0.0;
        row.first_loss_day = row.survival_days = NOT_A_NUMBER;
    }
    for (int64_t index = 0; index < m.materials.size(); ++index) {
        MaterialRow &row = material_rows[index];
        row.loss = row.cut_days = row.cut_weighted_days = row.shortage_days = 0.0;
        row.deepest_level = -1;
    }
    for (int64_t index = 0; index < m.pools.size(); ++index)
        pool_rows[index].contested_days = pool_rows[index].pool_used = 0.0;
    std::fill_n(level_days, m.materials.size() * m.boycott.size(), 0.0);
}

inline void forget_steps(const Scratch &s) {
    for (int64_t index = 0; index < s.materials.size(); ++index)
        s.materials[index].step_first = s.materials[index].step_end = 0;
    for (int64_t index = 0; index < s.uses.size(); ++index)
        s.uses[index].first = s.uses[index].end = 0;
    for (int64_t index = 0; index < s.industries.size(); ++index)
        s.industries[index].first = s.industries[index].end = 0;
}

inline int64_t play_trial(const Given &given, int64_t trial, int64_t row) {
    const Model &m = given.model;
    const Scratch &s = given.scratch;
    const Rows &rows = given.rows;
    TrialRow &trial_row = rows.trials[row];
    IndustryRow *industry_rows = rows.industries.at(row);
    MaterialRow *material_rows = rows.materials.at(row);
    bool after_quiet = s.size[N_SPELLS] == 0;
    if (escalate(m, s, trial) != DONE)
        return FULL;
    for (int64_t dispute = 0; dispute < s.disputes.size(); ++dispute)
        rows.episodes.at(row)[dispute] = static_cast<std::int32_t>(s.disputes[dispute].begun);
    if (s.size[N_SPELLS] == 0) {
        if (!after_quiet)
            forget_steps(s);
        if (rows.quiet[row] == 0) {
            close_quiet_books(m, trial_row, industry_rows, material_rows, rows.pools.at(row),
                              rows.level_days.at(row));
            rows.quiet[row] = 1;
        }
        return DONE;
    }
    rows.quiet[row] = 0;
    if (play_pools(m, s, rows.pools.at(row), trial) != DONE)
        return FULL;
    if (play_materials(m, s, material_rows, rows.level_days.at(row), trial) != DONE)
        return FULL;
    if (play_industries(m, s, industry_rows) != DONE)
        return FULL;
    close_books(m, s, trial_row, industry_rows, material_rows);
    return DONE;
}

} // namespace

// How many of `count` trials from `first_trial` were played into rows from `first_row`; fewer than
// `count` where the lists of the scratch were too short for the next one.
extern "C" int64_t play_trials(const Given *given, int64_t first_trial, int64_t first_row,
                               int64_t count) {
    for (int64_t i = 0; i < count; ++i)
        if (play_trial(*given, first_trial + i, first_row + i) != DONE)
            return i;
    return count;
}
