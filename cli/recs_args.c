#include "recs_args.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>


typedef struct {
    const recs_option_t  *option;
    const char           *value;           /* NULL: a flag */
} recs_given_t;

struct recs_args_s {
    const recs_command_t  *command;
    recs_given_t          *given;
    int                    n_given;
    const char           **operands;
    int                    n_operands;
};


static void
recs_args_print_option(const recs_option_t *o)
{
    int          width;
    const char  *p, *end;

    width = printf("  %s%s%s%s", o->name[1] ? "--" : "-", o->name,
                   o->argument ? " " : "", o->argument ? o->argument : "");

    for (p = o->help; *p; p = *end ? end + 1 : end) {
        end = strchrnul(p, '\n');

        if (width > 26) {
            printf("\n");
            width = 0;
        }

        printf("%*s%.*s\n", 28 - width, "", (int) (end - p), p);
        width = 0;
    }
}


/* A line is one form of the command, or goes on if it starts with a blank. */
static void
recs_args_print_usage(const recs_command_t *command)
{
    const char  *line, *end, *before;

    before = "Usage:";

    for (line = command->usage; *line; line = *end ? end + 1 : end) {
        end = strchrnul(line, '\n');

        if (*line == ' ') {
            printf("      %.*s\n", (int) (end - line), line);

        } else {
            printf("%s recs %s %.*s\n", before, command->name,
                   (int) (end - line), line);
        }

        before = "      ";
    }
}


static void
recs_args_help(const recs_command_t *command)
{
    const recs_option_t  *o;

    printf("recs %s: %s\n\n", command->name, command->summary);

    recs_args_print_usage(command);
    printf("\n");

    for (o = command->options; o->name != NULL; o++) {
        recs_args_print_option(o);
    }

    printf("  --help                    this text\n");

    if (command->more_help != NULL) {
        command->more_help();
    }
}


static const recs_option_t *
recs_args_option(const recs_command_t *command, const char *name, size_t len)
{
    const recs_option_t  *o;

    for (o = command->options; o->name != NULL; o++) {
        if (strlen(o->name) == len && memcmp(o->name, name, len) == 0) {
            return o;
        }
    }

    return NULL;
}


/*
 * One option at argv[*i], "--name value", "--name=value" or "-x value";
 * moves *i past its value.
 */
static int
recs_args_take(recs_args_t *args, int argc, char **argv, int *i)
{
    size_t                len;
    const char           *arg, *name, *equals;
    const recs_option_t  *o;

    arg = argv[*i];
    name = arg[1] == '-' ? arg + 2 : arg + 1;
    equals = arg[1] == '-' ? strchr(name, '=') : NULL;
    len = equals ? (size_t) (equals - name) : strlen(name);

    o = recs_args_option(args->command, name, len);

    if (o == NULL || (len == 1) != (arg[1] != '-')) {
        return recs_usage_error(args, "unknown option \"%s\"", arg);
    }

    args->given[args->n_given].option = o;
    args->given[args->n_given].value = NULL;

    if (o->argument == NULL) {
        if (equals) {
            return recs_usage_error(args, "option \"--%s\" takes no value",
                                    o->name);
        }

    } else if (equals) {
        args->given[args->n_given].value = equals + 1;

    } else if (*i + 1 < argc) {
        args->given[args->n_given].value = argv[++*i];

    } else {
        return recs_usage_error(args, "option \"%s\" needs a value, %s", arg,
                                o->argument);
    }

    args->n_given++;

    return RECS_EXIT_OK;
}


int
recs_args_parse(const recs_command_t *command, int argc, char **argv,
    recs_args_t **parsed)
{
    int           i, rc, only_operands;
    recs_args_t  *args;

    args = calloc(1, sizeof(recs_args_t));
    if (args == NULL) {
        fprintf(stderr, "recs %s: no memory\n", command->name);
        return RECS_EXIT_FAILED;
    }

    args->command = command;
    args->given = calloc((size_t) argc + 1, sizeof(recs_given_t));
    args->operands = calloc((size_t) argc + 1, sizeof(char *));

    if (args->given == NULL || args->operands == NULL) {
        rc = recs_no_memory(args);
        goto failed;
    }

    only_operands = 0;

    for (i = 0; i < argc; i++) {
        if (only_operands || argv[i][0] != '-' || argv[i][1] == '\0') {
            args->operands[args->n_operands++] = argv[i];
            continue;
        }

        if (strcmp(argv[i], "--") == 0) {
            only_operands = 1;
            continue;
        }

        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            recs_args_help(command);
            rc = -1;
            goto failed;
        }

        rc = recs_args_take(args, argc, argv, &i);
        if (rc != RECS_EXIT_OK) {
            goto failed;
        }
    }

    if (args->n_operands < command->min_operands
        || (command->max_operands >= 0
            && args->n_operands > command->max_operands))
    {
        rc = recs_usage_error(args, args->n_operands < command->min_operands
                                    ? "too few arguments"
                                    : "too many arguments");
        goto failed;
    }

    *parsed = args;

    return RECS_EXIT_OK;

failed:

    recs_args_free(args);

    return rc;
}


void
recs_args_free(recs_args_t *args)
{
    free(args->given);
    free(args->operands);
    free(args);
}


const char *
recs_args_get(const recs_args_t *args, const char *name)
{
    int          pos;
    const char  *value, *last;

    pos = 0;
    last = NULL;

    while ((value = recs_args_next(args, name, &pos)) != NULL) {
        last = value;
    }

    return last;
}


int
recs_args_has(const recs_args_t *args, const char *name)
{
    int  i;

    for (i = 0; i < args->n_given; i++) {
        if (strcmp(args->given[i].option->name, name) == 0) {
            return 1;
        }
    }

    return 0;
}


const char *
recs_args_next(const recs_args_t *args, const char *name, int *pos)
{
    while (*pos < args->n_given) {
        if (strcmp(args->given[*pos].option->name, name) == 0) {
            return args->given[(*pos)++].value;
        }

        (*pos)++;
    }

    return NULL;
}


int
recs_args_n_operands(const recs_args_t *args)
{
    return args->n_operands;
}


const char *
recs_args_operand(const recs_args_t *args, int i)
{
    return args->operands[i];
}


int
recs_args_unsigned(const recs_args_t *args, const char *name,
    unsigned long min, unsigned long max, unsigned long *value)
{
    char           *end;
    const char     *text;
    unsigned long   n;

    text = recs_args_get(args, name);
    if (text == NULL) {
        return RECS_EXIT_OK;
    }

    errno = 0;
    n = strtoul(text, &end, 10);

    if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0
        || n < min || n > max)
    {
        return recs_usage_error(args, "%s%s must be a number from %lu to "
                                "%lu, not \"%s\"", name[1] ? "--" : "-", name,
                                min, max, text);
    }

    *value = n;

    return RECS_EXIT_OK;
}


int
recs_args_seconds(const recs_args_t *args, const char *name,
    unsigned long *seconds)
{
    char           *end;
    const char     *text, *unit;
    unsigned long   n;

    static const char           units[] = "smhd";
    static const unsigned long  lengths[] = { 1, 60, 3600, 86400 };

    text = recs_args_get(args, name);
    if (text == NULL) {
        return RECS_EXIT_OK;
    }

    errno = 0;
    n = strtoul(text, &end, 10);
    unit = *end != '\0' && end[1] == '\0' ? strchr(units, *end) : NULL;

    if (text[0] < '0' || text[0] > '9' || unit == NULL || errno != 0 || n == 0
        || n > RECS_ARGS_SECONDS_MAX / lengths[unit - units])
    {
        return recs_usage_error(args, "%s%s must be a time as 90s, 30m, 1h or "
                                "7d, not \"%s\"", name[1] ? "--" : "-", name,
                                text);
    }

    *seconds = n * lengths[unit - units];

    return RECS_EXIT_OK;
}


int
recs_usage_error(const recs_args_t *args, const char *fmt, ...)
{
    va_list  list;

    fprintf(stderr, "recs %s: ", args->command->name);

    va_start(list, fmt);
    vfprintf(stderr, fmt, list);
    va_end(list);

    fprintf(stderr, " (see recs %s --help)\n", args->command->name);

    return RECS_EXIT_USAGE;
}


int
recs_failure(const recs_args_t *args, const recs_error_t *err)
{
    fprintf(stderr, "recs %s: %s\n", args->command->name, err->message);

    return err->status == RECS_REFUSED ? RECS_EXIT_REFUSED : RECS_EXIT_FAILED;
}


int
recs_no_memory(const recs_args_t *args)
{
    fprintf(stderr, "recs %s: no memory\n", args->command->name);

    return RECS_EXIT_FAILED;
}
