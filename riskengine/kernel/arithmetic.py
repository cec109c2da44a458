"""exp, log and the normal distribution, computed with basic arithmetic only.

The C library takes different code paths for these on different processors, and the last bit of
the result differs. IEEE 754 fixes the result of + - * / and sqrt, so these functions give
the same bits everywhere, and the compiler can turn loops over them into vector code.
"""

from __future__ import annotations

import math

import numpy as np

from riskengine.kernel.compiled import called, compiled

_LN2_HIGH = 6.93147180369123816490e-01  # the upper 33 bits of log 2: exact times any exponent
_LN2_LOW = 1.90821492927058770002e-10
_MANTISSA = 0x000FFFFFFFFFFFFF
_ONE = 0x3FF0000000000000
_SQRT_2 = 1.4142135623730951
_SQRT_HALF = 0.7071067811865476
_R9 = 1.0 / 362880.0  # 1 / 9!
_R13 = 1.0 / 6227020800.0  # 1 / 13!
_INVERSE_SQRT_PI = 0.5641895835477563


@compiled
def _cubic(x, c0, c1, c2, c3):
    return (c0 + c1 * x) + (c2 + c3 * x) * (x * x)


@compiled
def _septic(x, c0, c1, c2, c3, c4, c5, c6, c7):
    """A polynomial of degree 7 by Estrin's scheme, with half the latency of Horner's."""
    fourth = (x * x) * (x * x)
    return _cubic(x, c0, c1, c2, c3) + _cubic(x, c4, c5, c6, c7) * fourth


@compiled
def _atanh_series(s):
    """2 atanh(s) - 2 s for |s| <= 0.172, by its Taylor series (next term below 2**-55)."""
    z = s * s
    eighth = (z * z) * (z * z)
    eighth *= eighth
    tail = _septic(
        z,
        1.0 / 3.0,
        1.0 / 5.0,
        1.0 / 7.0,
        1.0 / 9.0,
        1.0 / 11.0,
        1.0 / 13.0,
        1.0 / 15.0,
        1.0 / 17.0,
    )
    tail += (1.0 / 19.0 + z * (1.0 / 21.0)) * eighth
    return 2.0 * s * z * tail


@compiled
def log(x):
    """Natural logarithm of a positive normal number, within 2 ulp."""
    bits = np.float64(x).view(np.int64)
    exponent = float((bits >> 52) - 1023)
    mantissa = np.int64((bits & _MANTISSA) | _ONE).view(np.float64)
    if mantissa > _SQRT_2:
        mantissa *= 0.5
        exponent += 1.0
    s = (mantissa - 1.0) / (mantissa + 1.0)
    return exponent * _LN2_HIGH + (2.0 * s + (_atanh_series(s) + exponent * _LN2_LOW))


@compiled
def minus_log_complement(u):
    """-log(1 - u) for u in [0, 1), without loss of precision near 0."""
    if u > 0.25:
        return -log(1.0 - u)
    s = u / (2.0 - u)
    return 2.0 * s + _atanh_series(s)


@compiled
def exp(x):
    """Exponential within 2 ulp; inf above 709.7, and 0 below -708, where numbers turn subnormal."""
    if x > 709.7:
        return math.inf
    if x < -708.0:
        return 0.0
    n = math.floor(x * 1.4426950408889634 + 0.5)
    r = (x - n * _LN2_HIGH) - n * _LN2_LOW
    eighth = (r * r) * (r * r)
    eighth *= eighth
    tail = _septic(
        r, 0.5, 1.0 / 6.0, 1.0 / 24.0, 1.0 / 120.0, 1.0 / 720.0, 1.0 / 5040.0, 1.0 / 40320.0, _R9
    )
    tail += _cubic(r, 1.0 / 3628800.0, 1.0 / 39916800.0, 1.0 / 479001600.0, _R13) * eighth
    scale = np.int64((np.int64(n) + 1023) << 52).view(np.float64)
    return scale * (1.0 + (r + r * r * tail))


@compiled
def power(x, y):
    """x**y for positive x; the relative error grows with |y log x| ulps."""
    return exp(y * log(x))


@compiled
def _middle_ratio(r):
    """z / q of the normal quantile, with r = 0.180625 - q * q and q = p - 1/2."""
    top = _septic(
        r,
        3.3871328727963666080e0,
        1.3314166789178437745e2,
        1.9715909503065514427e3,
        1.3731693765509461125e4,
        4.5921953931549871457e4,
        6.7265770927008700853e4,
        3.3430575583588128105e4,
        2.5090809287301226727e3,
    )
    low = _septic(
        r,
        1.0,
        4.2313330701600911252e1,
        6.8718700749205790830e2,
        5.3941960214247511077e3,
        2.1213794301586595867e4,
        3.9307895800092710610e4,
        2.8729085735721942674e4,
        5.2264952788528545610e3,
    )
    return top / low


@compiled
def _near_tail(r):
    """The normal score with r = sqrt(-log(tail)) - 1.6, for r <= 3.4."""
    top = _septic(
        r,
        1.42343711074968357734e0,
        4.63033784615654529590e0,
        5.76949722146069140550e0,
        3.64784832476320460504e0,
        1.27045825245236838258e0,
        2.41780725177450611770e-1,
        2.27238449892691845833e-2,
        7.74545014278341407640e-4,
    )
    low = _septic(
        r,
        1.0,
        2.05319162663775882187e0,
        1.67638483018380384940e0,
        6.89767334985100004550e-1,
        1.48103976427480074590e-1,
        1.51986665636164571966e-2,
        5.47593808499534494600e-4,
        1.05075007164441684324e-9,
    )
    return top / low


@compiled
def _far_tail(r):
    """The normal score with r = sqrt(-log(tail)) - 5, for r >= 0."""
    top = _septic(
        r,
        6.65790464350110377720e0,
        5.46378491116411436990e0,
        1.78482653991729133580e0,
        2.96560571828504891230e-1,
        2.65321895265761230930e-2,
        1.24266094738807843860e-3,
        2.71155556874348757815e-5,
        2.01033439929228813265e-7,
    )
    low = _septic(
        r,
        1.0,
        5.99832206555887937690e-1,
        1.36929880922735805310e-1,
        1.48753612908506148525e-2,
        7.86869131145613259100e-4,
        1.84631831751005468180e-5,
        1.42151175831644588870e-7,
        2.04426310338993978564e-15,
    )
    return top / low


@called
def _score_of_tail(p):
    """Standard normal quantile of p below 0.075."""
    r = math.sqrt(-log(p))
    return -(_near_tail(r - 1.6) if r <= 5.0 else _far_tail(r - 5.0))


@compiled
def normal_quantile(p: float) -> float:
    """Standard normal quantile of p in (0, 1), to about 1e-15 relative.

    Rational approximations of Wichura, Algorithm AS 241 (PPND16), Applied Statistics 37 (1988).
    """
    q = p - 0.5
    if abs(q) <= 0.425:
        central: float = q * _middle_ratio(0.180625 - q * q)
        return central
    z: float = _score_of_tail(p if q < 0.0 else 1.0 - p)
    return z if q < 0.0 else -z


@compiled
def _erfc_of_positive(y):
    """Complementary error function of y >= 0.46875, to about 1e-16 relative.

    Rational approximations of Cody, Mathematics of Computation 23 (1969), 631-637.
    """
    if y > 26.5:
        return 0.0
    if y <= 4.0:
        eighth = (y * y) * (y * y)
        eighth *= eighth
        top = 2.15311535474403846343e-8 * eighth + _septic(
            y,
            1.23033935479799725272e3,
            2.05107837782607146532e3,
            1.71204761263407058314e3,
            8.81952221241769090411e2,
            2.98635138197400131132e2,
            6.61191906371416294775e1,
            8.88314979438837594118e0,
            5.64188496988670089180e-1,
        )
        low = eighth + _septic(
            y,
            1.23033935480374942043e3,
            3.43936767414372163696e3,
            4.36261909014324715820e3,
            3.29079923573345962678e3,
            1.62138957456669018874e3,
            5.37181101862009857509e2,
            1.17693950891312499305e2,
            1.57449261107098347253e1,
        )
        ratio = top / low
    else:
        w = 1.0 / (y * y)
        top = 1.63153871373020978498e-2
        top = 3.05326634961232344035e-1 + w * top
        top = 3.60344899949804439429e-1 + w * top
        top = 1.25781726111229246204e-1 + w * top
        top = 1.60837851487422766278e-2 + w * top
        top = 6.58749161529837803157e-4 + w * top
        low = 1.0
        low = 2.56852019228982242072e0 + w * low
        low = 1.87295284992346047209e0 + w * low
        low = 5.27905102951428412248e-1 + w * low
        low = 6.05183413124413191178e-2 + w * low
        low = 2.33520497626869185443e-3 + w * low
        ratio = (_INVERSE_SQRT_PI - w * top / low) / y
    # exp(-y*y) in two factors: the first exponent is exact, the second small.
    coarse = math.floor(y * 16.0) / 16.0
    return exp(-coarse * coarse) * exp(-(y - coarse) * (y + coarse)) * ratio


@called
def normal_cdf(z):
    """P(Z <= z) of a standard normal, by Cody's approximations (see `_erfc_of_positive`).

    The relative error is below (6 + z*z) units in the last place. Far out in the tail, the last bit
    of z alone changes the result by z*z units.
    """
    y = abs(z) * _SQRT_HALF
    if y < 0.46875:
        w = y * y
        top = 1.85777706184603152673e-1
        top = 3.16112374387056560e0 + w * top
        top = 1.13864154151050156e2 + w * top
        top = 3.77485237685302021e2 + w * top
        top = 3.20937758913846947e3 + w * top
        low = 1.0
        low = 2.36012909523441209e1 + w * low
        low = 2.44024637934444173e2 + w * low
        low = 1.28261652607737228e3 + w * low
        low = 2.84423683343917062e3 + w * low
        return 0.5 + 0.5 * z * _SQRT_HALF * top / low
    half = 0.5 * _erfc_of_positive(y)
    return half if z < 0.0 else 1.0 - half


@compiled
def same_number(one, other):
    """Whether two numbers are equal; nan equals nan."""
    return one == other or (math.isnan(one) and math.isnan(other))
