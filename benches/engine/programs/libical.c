/* libical, as its documentation shows it. One figure per run: libical FOLDER MEASURE RUNS EVERY. */
#include <libical/ical.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#ifndef PEER_VERSION /* what the package calls itself is more exact than its header */
#define PEER_VERSION ICAL_VERSION
#endif

static double now_ms(void)
{
    struct timespec at;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &at);
    return at.tv_sec * 1e3 + at.tv_nsec / 1e6;
}

static char *slurp(const char *folder, const char *name, size_t *length)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "rb");
    if (!file) {
        perror(path);
        exit(1);
    }
    fseek(file, 0, SEEK_END);
    *length = (size_t)ftell(file);
    rewind(file);
    char *text = malloc(*length + 1);
    if (fread(text, 1, *length, file) != *length)
        exit(1);
    text[*length] = 0;
    fclose(file);
    return text;
}

struct series {
    char *start, *rule, *rule_utc;
};

static struct series *series_of(char *text, size_t every, size_t *count)
{
    struct series *all = malloc(sizeof *all * 20000);
    size_t line = 0, kept = 0;
    char *save = NULL;
    for (char *one = strtok_r(text, "\n", &save); one; one = strtok_r(NULL, "\n", &save), line++) {
        if (line % every)
            continue;
        char *inner = NULL;
        all[kept].start = strtok_r(one, "\t", &inner);
        all[kept].rule = strtok_r(NULL, "\t", &inner);
        all[kept++].rule_utc = strtok_r(NULL, "\t", &inner);
    }
    *count = kept;
    return all;
}

static unsigned long expand(struct series *all, size_t count, icaltimezone *zone)
{
    unsigned long found = 0;
    volatile time_t sink = 0;
    for (size_t at = 0; at < count; at++) {
        struct icalrecurrencetype rule =
            icalrecurrencetype_from_string(zone ? all[at].rule_utc : all[at].rule);
        icaltimetype start = icaltime_from_string(all[at].start);
        if (zone)
            start = icaltime_set_timezone(&start, zone);
        icalrecur_iterator *steps = icalrecur_iterator_new(rule, start);
        icaltimetype next;
        while (!icaltime_is_null_time(next = icalrecur_iterator_next(steps))) {
            if (zone)
                sink = icaltime_as_timet_with_zone(next, zone);
            found++;
        }
        icalrecur_iterator_free(steps);
    }
    (void)sink;
    return found;
}

static unsigned long week(struct series *all, struct icalrecurrencetype *rules, size_t count,
                          icaltimetype from, icaltimetype to)
{
    unsigned long found = 0;
    for (size_t at = 0; at < count; at++) {
        icalrecur_iterator *steps =
            icalrecur_iterator_new(rules[at], icaltime_from_string(all[at].start));
        icalrecur_iterator_set_start(steps, from);
        icaltimetype next;
        while (!icaltime_is_null_time(next = icalrecur_iterator_next(steps)) &&
               icaltime_compare(next, to) < 0)
            if (icaltime_compare(next, from) >= 0)
                found++;
        icalrecur_iterator_free(steps);
    }
    return found;
}

static unsigned long guests_of(icalcomponent *calendar, unsigned long *events)
{
    unsigned long guests = 0;
    *events = 0;
    for (icalcomponent *one = icalcomponent_get_first_component(calendar, ICAL_VEVENT_COMPONENT);
         one; one = icalcomponent_get_next_component(calendar, ICAL_VEVENT_COMPONENT)) {
        ++*events;
        for (icalproperty *guest = icalcomponent_get_first_property(one, ICAL_ATTENDEE_PROPERTY);
             guest; guest = icalcomponent_get_next_property(one, ICAL_ATTENDEE_PROPERTY))
            guests++;
    }
    return guests;
}

int main(int words, char **word)
{
    if (words != 5)
        return 2;
    const char *folder = word[1], *measure = word[2], *note = "";
    int runs = atoi(word[3]);
    size_t every = (size_t)atol(word[4]), length, count = 0;
    unsigned long found = 0, guests = 0, bytes = 0;
    double ms[64];
    if (runs > 64)
        runs = 64;

    if (!strcmp(measure, "civil") || !strcmp(measure, "utc")) {
        struct series *all = series_of(slurp(folder, "expansion.tsv", &length), every, &count);
        icaltimezone *zone = strcmp(measure, "utc") ? NULL : icaltimezone_get_builtin_timezone("America/New_York");
        for (int run = 0; run < runs; run++) {
            double began = now_ms();
            found = expand(all, count, zone);
            ms[run] = now_ms() - began;
        }
    } else if (!strcmp(measure, "week")) {
        struct series *all = series_of(slurp(folder, "week.tsv", &length), every, &count);
        struct icalrecurrencetype *rules = malloc(sizeof *rules * count);
        for (size_t at = 0; at < count; at++)
            rules[at] = icalrecurrencetype_from_string(all[at].rule);
        char *window = slurp(folder, "window.tsv", &length);
        icaltimetype from = icaltime_from_string(strtok(window, "\t\n"));
        icaltimetype to = icaltime_from_string(strtok(NULL, "\t\n"));
        note = "rules parsed before; set_start";
        for (int run = 0; run < runs; run++) {
            double began = now_ms();
            found = week(all, rules, count, from, to);
            ms[run] = now_ms() - began;
        }
    } else if (!strcmp(measure, "parse")) {
        char *text = slurp(folder, "calendar.ics", &length);
        bytes = length;
        note = "full model";
        for (int run = 0; run < runs; run++) {
            double began = now_ms();
            icalcomponent *calendar = icalparser_parse_string(text);
            ms[run] = now_ms() - began;
            guests = guests_of(calendar, &found);
            icalcomponent_free(calendar);
        }
    } else if (!strcmp(measure, "write")) {
        icalcomponent *calendar = icalparser_parse_string(slurp(folder, "calendar.ics", &length));
        char *text = NULL, path[4096];
        note = "from its full model";
        for (int run = 0; run < runs; run++) {
            free(text);
            double began = now_ms();
            text = icalcomponent_as_ical_string_r(calendar);
            ms[run] = now_ms() - began;
        }
        bytes = strlen(text);
        snprintf(path, sizeof path, "%s/written-libical.ics", folder);
        FILE *out = fopen(path, "wb");
        fwrite(text, 1, bytes, out);
        fclose(out);
    } else {
        return 2;
    }

    printf("{\"measure\":\"%s\",\"engine\":\"libical\",\"version\":\"%s\",\"note\":\"%s\",\"count\":%lu,"
           "\"guests\":%lu,\"bytes\":%lu,\"every\":%zu,\"ms\":[",
           measure, PEER_VERSION, note, found, guests, bytes, every);
    for (int run = 0; run < runs; run++)
        printf("%s%.4f", run ? "," : "", ms[run]);
    printf("]}\n");
    return 0;
}
