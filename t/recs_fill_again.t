# A page that a later filter gives up after recs_fill has begun with it: xslt
# answers 500 in its place, by a second header in the same request.  Nothing
# of the page may stand in the error page.
#
# The module of xslt is looked for where Debian puts it, or in the folder
# RECS_NGINX_MODULES.

use strict;
use warnings;

use FindBin;
use Test::More;

use lib "$FindBin::Bin/lib";
use RecsNginx;
use RecsOrigin;

my $modules = $ENV{RECS_NGINX_MODULES} // '/usr/lib/nginx/modules';
my $xslt = "$modules/ngx_http_xslt_filter_module.so";

plan(skip_all => "no $xslt: apt-get install libnginx-mod-http-xslt-filter")
    unless -e $xslt;

my $t = RecsNginx->new;
my $origin = RecsOrigin->new($t);

$t->publish($t->bundle('a'), 'shop');
$t->write('any.xslt', <<'END');
<xsl:stylesheet version="1.0"
                xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:template match="/"><xsl:copy-of select="."/></xsl:template>
</xsl:stylesheet>
END

$t->conf(<<'END', globals => "load_module $xslt;");
http {
    %%HTTP%%

    log_format shown escape=none '$request_uri $status $recs_exposures';

    recs_model shop %%DIR%%/shop;
    recs_slot for_you { model shop; strategy popular; count 3; }

    proxy_http_version 1.1;
    proxy_buffering off;
    recs_fill_types text/xml;

    server {
        listen 127.0.0.1:%%PORT%%;
        access_log %%DIR%%/shown.log shown;

        location /plain/ {
            proxy_pass http://127.0.0.1:%%PORT_origin%%/;
            xslt_stylesheet %%DIR%%/any.xslt;
        }

        location /filled/ {
            recs_fill on;
            proxy_pass http://127.0.0.1:%%PORT_origin%%/;
            xslt_stylesheet %%DIR%%/any.xslt;
        }

        location /own/ {
            recs_fill on;
            proxy_pass http://127.0.0.1:%%PORT_origin%%/;
            xslt_stylesheet %%DIR%%/any.xslt;
            error_page 500 =200 /error;
        }

        location /status { recs_status prometheus; }

        location /error {
            recs_fill on;
            default_type text/xml;
            return 200 '<e><recs-slot name="for_you"></recs-slot></e>';
        }
    }
}
END

my ($status, $output) = $t->test;

if ($output =~ /is not binary compatible/) {
    plan(skip_all => 'this nginx cannot load the module of xslt');
}

$t->start;
$t->expect(qr/xmlParseChunk|not well formed|parser error/);

my $element = '<recs-slot name="for_you"><p/></recs-slot>';

my %pages = (
    '/right'  => ["<page>$element</page>"],
    '/whole'  => ["<page></nobody>$element"],
    '/first'  => ["<page></nobody>$element", '<p/>' x 100, '</page>'],
    '/held'   => ['<page></nobody><recs-slot name="for_you">', '<p/>' x 100,
                  '</recs-slot></page>'],
    '/later'  => ["<page>$element", $element, '</nobody><recs-slot name="x"'],
    '/ending' => ['<page><recs-slot name="for_you">', '<p/>'],
);

$origin->page($_, type => 'text/xml', chunks => $pages{$_}) for keys %pages;

my $page = $t->get('/filled/right');
is($page->{status}, 200, 'a page that xslt can read');
like($page->{body}, qr{<page><recs-slot name="for_you"><a href="/item/},
     'is filled before');

for my $path (sort grep { $_ ne '/right' } keys %pages) {
    my $plain = $t->get("/plain$path");
    my $filled = $t->get("/filled$path");

    is($plain->{status}, 500, "$path: xslt gives it up");
    is($filled->{status}, 500, "$path: a filled one too");
    is($filled->{body}, $plain->{body}, "$path: the same error page");
    ok(!$filled->{truncated}, "$path: whole");

    my $own = $t->get("/own$path");
    is($own->{status}, 200, "$path: an error page that is one to fill");
    like($own->{body},
         qr{^<e><recs-slot name="for_you"><a href=.*</a>\s*</recs-slot></e>$}s,
         "$path: is filled");

    $t->wait_for("the log of $path", sub {
        $t->read('shown.log') =~ m{^/own$path }m;
    });
    like($t->read('shown.log'),
         qr/^\/own$path 200 \[\{"slot":"for_you",[^{]*\[\{[^\[]*\}\]\}\]$/m,
         "$path: the other one is shown");
}

# An element that xslt has taken, and given up with the rest.
{
    my $filled = sub {
        return ($t->get('/status')->{body}
                =~ /\{outcome="filled"\} (\d+)/)[0] // die 'no counter';
    };

    $origin->page('/taken', type => 'text/xml', chunks => [
        "<page>$element", { wait => 'taken' }, '</nobody>']);

    my $before = $filled->();
    my $socket = $t->socket;
    $socket->syswrite("GET /filled/taken HTTP/1.1\r\nHost: a\r\n"
                      . "Connection: close\r\n\r\n");

    $t->wait_for('the element', sub { $filled->() > $before });
    $origin->open_gate('taken');

    my $answer = do { local $/; <$socket> };
    like($answer, qr{^HTTP/1.1 500 }, 'given up');

    $t->wait_for('its log', sub {
        $t->read('shown.log') =~ m{^/filled/taken }m;
    });
    like($t->read('shown.log'), qr{^/filled/taken 500 $}m,
         'what had been taken was not shown');
}

$t->done;
