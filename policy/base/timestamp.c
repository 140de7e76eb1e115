/* SPDX-License-Identifier: ISC */
/* RFC 3339 in UTC, and durations such as 1h30m, by own arithmetic: no locale, no time zone. */
#include "policy/base/timestamp.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* Days since 1970-01-01 of a date in the proleptic Gregorian calendar, counted in eras of 400 years that
 * begin on 1 March, so that the leap day is the last of a year (Howard Hinnant, "chrono-Compatible Low-Level
 * Date Algorithms"). */
static int64_t days_from_date(int64_t year, int64_t month, int64_t day)
{
    year -= month <= 2;
    int64_t era = year / 400;
    int64_t of_era = year - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static bool two_digits(const char *s, int64_t *value)
{
    if (s[0] < '0' || s[0] > '9' || s[1] < '0' || s[1] > '9')
        return false;
    *value = (s[0] - '0') * 10 + (s[1] - '0');
    return true;
}

int bg_time_parse(int64_t *t, const char *text)
{
    static const char shape[] = "dddd-dd-ddTdd:dd:ddZ";
    int64_t century, year, month, day, hour, minute, second;

    if (strlen(text) != sizeof shape - 1)
        return -EINVAL;
    for (size_t i = 0; i < sizeof shape - 1; i++)
        if (shape[i] != 'd' && shape[i] != text[i])
            return -EINVAL;
    if (!two_digits(text, &century) || !two_digits(text + 2, &year) || !two_digits(text + 5, &month) ||
        !two_digits(text + 8, &day) || !two_digits(text + 11, &hour) || !two_digits(text + 14, &minute) ||
        !two_digits(text + 17, &second))
        return -EINVAL;
    year += century * 100;
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    const int64_t lengths[] = {31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (year < 2000 || month < 1 || month > 12 || day < 1 || day > lengths[month - 1] || hour > 23 ||
        minute > 59 || second > 59)
        return -EINVAL;
    *t = ((days_from_date(year, month, day) * 24 + hour) * 60 + minute) * 60 + second;
    return 0;
}

static void put_digits(char *out, int digits, int64_t n)
{
    for (; digits > 0; n /= 10)
        out[--digits] = (char)('0' + n % 10);
}

void bg_time_format(char out[BG_TIME_SIZE], int64_t t)
{
    const int64_t first = 946684800,
                  last = 253402300799; /* 2000-01-01, 9999-12-31: what bg_time_parse takes */
    t = t < first ? first : t > last ? last : t;

    int64_t days = t / 86400 + 719468;
    int64_t era = days / 146097;
    int64_t of_era = days - era * 146097;
    int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
    int64_t shifted = (5 * of_year + 2) / 153;
    int64_t day = of_year - (153 * shifted + 2) / 5 + 1;
    int64_t month = shifted < 10 ? shifted + 3 : shifted - 9;
    year += era * 400 + (month <= 2);

    memcpy(out, "0000-00-00T00:00:00Z", BG_TIME_SIZE);
    put_digits(out, 4, year);
    put_digits(out + 5, 2, month);
    put_digits(out + 8, 2, day);
    put_digits(out + 11, 2, t / 3600 % 24);
    put_digits(out + 14, 2, t / 60 % 60);
    put_digits(out + 17, 2, t % 60);
}

int bg_duration_parse(int64_t *seconds, const char *text)
{
    static const struct {
        char unit;
        int64_t seconds;
    } units[] = {{'d', 86400}, {'h', 3600}, {'m', 60}, {'s', 1}};
    const int64_t most = 400LL * 86400;
    int64_t total = 0;
    size_t next = 0; /* the largest unit that may still come */

    if (*text == '\0')
        return -EINVAL;
    while (*text) {
        int64_t n = 0;
        size_t digits = strspn(text, "0123456789");
        if (digits == 0 || digits > 9)
            return -EINVAL;
        for (size_t i = 0; i < digits; i++)
            n = n * 10 + (text[i] - '0');
        text += digits;
        while (next < 4 && units[next].unit != *text)
            next++;
        if (next == 4)
            return -EINVAL;
        total += n * units[next++].seconds;
        text++;
    }
    if (total <= 0 || total > most)
        return -EINVAL;
    *seconds = total;
    return 0;
}

void bg_duration_format(char out[BG_DURATION_SIZE], int64_t seconds)
{
    if (seconds <= 0) {
        (void)snprintf(out, BG_DURATION_SIZE, "0s");
        return;
    }
    const struct {
        int64_t n;
        char unit;
    } parts[] = {{seconds / 3600, 'h'}, {seconds / 60 % 60, 'm'}, {seconds % 60, 's'}};
    size_t used = 0;

    out[0] = '\0';
    for (size_t i = 0; i < 3 && used < BG_DURATION_SIZE; i++)
        if (parts[i].n > 0)
            used += (size_t)snprintf(out + used, BG_DURATION_SIZE - used, "%lld%c", (long long)parts[i].n,
                                     parts[i].unit);
}

int64_t bg_now(void)
{
    struct timespec now;

    /* CLOCK_REALTIME cannot fail with a valid pointer; 0 would be long before any statement. */
    if (clock_gettime(CLOCK_REALTIME, &now) < 0)
        return 0;
    return now.tv_sec;
}
