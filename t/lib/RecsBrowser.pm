package RecsBrowser;

# A real headless Chromium, told what to do by chromedriver (W3C WebDriver).
#
#     my $b = RecsBrowser->new(script => 0);        0: JavaScript is off
#     $b->go($url);  $b->click($css, $i);  $b->texts($css);
#
# RecsBrowser::found() says whether this machine has one.

use strict;
use warnings;

use File::Temp qw(tempdir);
use HTTP::Tiny;
use IO::Socket::INET;
use JSON::PP ();
use POSIX ();
use Time::HiRes qw(sleep);

my $ELEMENT = 'element-6066-11e4-a52e-4f735466cecf';


sub found { return -x '/usr/bin/chromedriver' && -x '/usr/bin/chromium' }


sub new {
    my ($class, %option) = @_;

    my $socket = IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1')
        or die "no free port: $!\n";
    my $port = $socket->sockport;
    close $socket;

    my $self = bless {
        http => HTTP::Tiny->new(timeout => 60),
        base => "http://127.0.0.1:$port",
        dir => tempdir('recs_browser.XXXXXX', TMPDIR => 1, CLEANUP => 1),
    }, $class;

    $self->{pid} = fork // die "fork: $!\n";

    if ($self->{pid} == 0) {
        open STDOUT, '>', "$self->{dir}/driver.log" or POSIX::_exit(1);
        open STDERR, '>&', \*STDOUT or POSIX::_exit(1);
        exec 'chromedriver', "--port=$port" or POSIX::_exit(1);
    }

    for (1 .. 200) {
        last if $self->{http}->get("$self->{base}/status")->{success};
        sleep 0.1;
    }

    my %chrome = (
        binary => '/usr/bin/chromium',
        args => ['--headless=new', '--no-sandbox', '--disable-gpu',
                 '--disable-dev-shm-usage', '--no-first-run',
                 '--no-proxy-server', '--disable-background-networking',
                 "--user-data-dir=$self->{dir}/profile"],
    );

    if (!($option{script} // 1)) {
        $chrome{prefs} = {
            'profile.managed_default_content_settings.javascript' => 2
        };
    }

    my $session = $self->ask(POST => '/session', { capabilities => {
        alwaysMatch => { 'goog:chromeOptions' => \%chrome } } });

    $self->{session} = "/session/$session->{sessionId}";

    return $self;
}


# One command; its value, or the end of the test.
sub ask {
    my ($self, $method, $path, $body) = @_;

    my %options;

    if ($method eq 'POST') {
        %options = (content => JSON::PP::encode_json($body // {}),
                    headers => { 'Content-Type' => 'application/json' });
    }

    my $response = $self->{http}->request($method, "$self->{base}$path",
                                          \%options);
    my $value = eval { JSON::PP::decode_json($response->{content})->{value} };

    die "chromedriver: $method $path: $response->{status} "
        . ($value ? $value->{message} : $response->{content}) . "\n"
        unless $response->{success};

    return $value;
}


sub go { $_[0]->ask(POST => "$_[0]{session}/url", { url => $_[1] }) }


sub elements {
    my ($self, $css) = @_;

    my $found = $self->ask(POST => "$self->{session}/elements",
                           { using => 'css selector', value => $css });

    return map { $_->{$ELEMENT} } @$found;
}


sub texts {
    my ($self, $css) = @_;

    return map { $self->ask(GET => "$self->{session}/element/$_/text") }
           $self->elements($css);
}


sub attributes {
    my ($self, $css, $name) = @_;

    return map {
        $self->ask(GET => "$self->{session}/element/$_/attribute/$name")
    } $self->elements($css);
}


# The i-th element that matches.
sub click {
    my ($self, $css, $i) = @_;

    my @elements = $self->elements($css);

    $self->ask(POST => "$self->{session}/element/$elements[$i]/click");
}


sub cookies {
    my ($self) = @_;

    return { map { $_->{name} => $_ }
             @{ $self->ask(GET => "$self->{session}/cookie") } };
}


sub DESTROY {
    my ($self) = @_;

    local ($?, $@);

    eval { $self->ask(DELETE => $self->{session}) } if $self->{session};

    if ($self->{pid}) {
        kill 'TERM', $self->{pid};
        waitpid $self->{pid}, 0;
    }
}


1;
