/*
 * recs_base64url: RFC 4648, section 5, without padding.  One text for the
 * same bytes: nothing else is read.
 */

#ifndef _RECS_BASE64URL_H_INCLUDED_
#define _RECS_BASE64URL_H_INCLUDED_


#include <stddef.h>
#include <stdint.h>


#define RECS_BASE64URL_LEN(size)  (((size) * 4 + 2) / 3)
#define RECS_BASE64URL_NO         ((size_t) -1)


/* Writes RECS_BASE64URL_LEN(size) characters and returns how many. */
size_t recs_base64url_write(char *text, const void *bytes, size_t size);

/*
 * Reads len characters into bytes, which has room for size; returns how many
 * there are, RECS_BASE64URL_NO where text is not what would be written.
 */
size_t recs_base64url_read(void *bytes, size_t size, const char *text,
    size_t len);


#endif /* _RECS_BASE64URL_H_INCLUDED_ */
