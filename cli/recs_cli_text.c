#include "recs_cli_text.h"


/* C1 controls, U+0080 to U+009F, are C2 80 to C2 9F in UTF-8. */
static int
recs_cli_control(recs_str_t text, size_t i)
{
    unsigned char  c, next;

    c = (unsigned char) text.data[i];

    if (c < 0x20 || c == 0x7f) {
        return 1;
    }

    next = i + 1 < text.len ? (unsigned char) text.data[i + 1] : 0;

    return c == 0xc2 && next >= 0x80 && next < 0xa0 ? 2 : 0;
}


void
recs_cli_put_text(FILE *out, recs_str_t text)
{
    int     n;
    size_t  i;

    for (i = 0; i < text.len; i += n > 0 ? n : 1) {
        n = recs_cli_control(text, i);
        fputc(n > 0 ? '?' : text.data[i], out);
    }
}


void
recs_cli_put_json(FILE *out, recs_str_t text)
{
    size_t         i;
    unsigned char  c;

    putc_unlocked('"', out);

    for (i = 0; i < text.len; i++) {
        c = (unsigned char) text.data[i];

        if (c == '"' || c == '\\') {
            putc_unlocked('\\', out);

        } else if (c < 0x20) {
            fprintf(out, "\\u%04x", c);
            continue;
        }

        putc_unlocked(c, out);
    }

    putc_unlocked('"', out);
}


const char *
recs_cli_size(uint64_t bytes)
{
    double       size;
    unsigned     i;
    static char  text[32];

    static const char *const  units[] = { "B", "KiB", "MiB", "GiB", "TiB" };

    size = (double) bytes;

    for (i = 0; size >= 1024.0 && i + 1 < sizeof(units) / sizeof(units[0]);
         i++)
    {
        size /= 1024.0;
    }

    snprintf(text, sizeof(text), i == 0 ? "%.0f %s" : "%.1f %s", size,
             units[i]);

    return text;
}
